import { accept, type Acceptance } from '../../../../relay/service/accept/accept.ts';
import type { RecordedTarget } from '../../../../relay/model/record.ts';
import { change, failing, hash, key, onFirst, record, request, START_MS, TOKEN, World } from '../service-world.ts';

const HTTPS = { owner: 'key:app-back-end' } as const;

const retryAfter = (acceptance: Acceptance): number | undefined =>
  acceptance.outcome === 'unavailable' ? acceptance.retryAfterSeconds : undefined;

describe('when a port fails', () => {
  test('a message that cannot be queued is not accepted; its repeat queues it', async () => {
    const world = new World();
    world.queue.faults.before = failing('enqueue', 1);
    const acceptance = await accept(world, HTTPS, request());
    expect(acceptance).toMatchObject({ outcome: 'unavailable', cause: { message: 'enqueue failed' } });
    expect(retryAfter(acceptance)).toBe(1);
    expect(world.queue.queued).toHaveLength(0);
    expect((await accept(world, HTTPS, request())).outcome).toBe('repeated');
    expect(world.queue.queued).toEqual([{ ...request(), acceptedAtMs: START_MS, owner: HTTPS.owner, repeated: true }]);
  });

  test('a message that a repeat was answered for stays, when its first writer cannot queue it after all', async () => {
    const world = new World();
    let fail: (error: Error) => void = () => undefined;
    world.queue.faults.before = onFirst('enqueue', () => new Promise((_, reject) => (fail = reject)));
    const first = accept(world, HTTPS, request());
    await new Promise(setImmediate);
    expect((await accept(world, HTTPS, request())).outcome).toBe('repeated');
    fail(new Error('enqueue failed'));
    expect((await first).outcome).toBe('unavailable');
    expect(world.store.record(key())?.state).toBe('queued');
    expect(world.queue.queued).toHaveLength(1);
  });

  test('so it does when its end was recorded meanwhile, and the answer to its create was lost', async () => {
    const world = new World();
    world.store.faults.after = onFirst('create', async () => {
      expect((await accept(world, HTTPS, request())).outcome).toBe('repeated');
      await change(world, { state: 'acked', updatedAtMs: START_MS });
      world.queue.faults.before = failing('enqueue');
      throw new Error('the answer is lost');
    });
    expect((await accept(world, HTTPS, request())).outcome).toBe('unavailable');
    expect(world.store.record(key())?.state).toBe('acked');
  });

  test('a create whose answer is lost is found again, and queued once', async () => {
    const world = new World();
    world.store.faults.after = failing('create', 1);
    expect((await accept(world, HTTPS, request())).outcome).toBe('accepted');
    expect(world.queue.queued).toHaveLength(1);
  });

  test('the lost create of one of many same requests at the same moment: one is accepted, the others are marked as further copies', async () => {
    const world = new World();
    world.store.faults.after = failing('create', 1);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async () => (await accept(world, HTTPS, request())).outcome),
    );
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(world.queue.queued.filter(({ repeated }) => repeated === undefined)).toHaveLength(1);
  });

  test.each(['create', 'read'])('nothing is queued when every %s fails', async (call) => {
    const world = new World();
    if (call === 'read') world.store.put(key(), record());
    world.store.faults.before = failing(call);
    const acceptance = await accept(world, HTTPS, request());
    expect(acceptance).toMatchObject({
      outcome: 'unavailable',
      cause: { message: 'the document could be neither created nor read', cause: { message: `${call} failed` } },
    });
    expect(retryAfter(acceptance)).toBe(1);
    expect(world.queue.queued).toHaveLength(0);
  });

  test('a create is tried three times', async () => {
    const world = new World();
    world.store.faults.before = failing('create', 2);
    expect((await accept(world, HTTPS, request())).outcome).toBe('accepted');
    world.store.faults.before = failing('create', 3);
    expect((await accept(world, HTTPS, request({ message_id: 'm-2' }))).outcome).toBe('unavailable');
  });

  test.each([
    ['was created at another time', { createdAtMs: START_MS - 1 }, 'repeated'],
    ['expires at another time', { expireAtMs: START_MS }, 'repeated'],
    ['has other content', { contentHash: 'another' }, 'conflict'],
  ] as const)('a document that %s is not taken for the one whose create was lost', async (_, fields, outcome) => {
    const [ours, world] = [new World(), new World()]; // they draw the same random day
    await accept(ours, HTTPS, request());
    world.store.put(key(), { ...record(), ...ours.store.record(key()), ...fields });
    expect((await accept(world, HTTPS, request())).outcome).toBe(outcome);
  });

  test('a document that is gone when we look at it makes room for ours', async () => {
    const world = new World();
    world.store.put(key(), record());
    world.store.faults.before = onFirst('read', () => world.store.delete(key()));
    expect((await accept(world, HTTPS, request())).outcome).toBe('accepted');
    expect(world.queue.queued).toHaveLength(1);
  });
});

describe('a document that the worker made, which has no content hash', () => {
  const asked = {
    ...HTTPS,
    target: { kind: 'token', hash: hash(TOKEN) },
    priority: 'normal',
    timeToLiveSeconds: 600,
  } as const;

  test.each<[string, Parameters<typeof request>[0], RecordedTarget]>([
    ['token', {}, asked.target],
    ['topic', { to: '/topics/news' }, { kind: 'topic', topic: 'news' }],
    ['group', { to: 'APA91bGroup' }, { kind: 'group', hash: hash('APA91bGroup') }],
  ])('is that of the same message, when what it says is the same (%s)', async (_, message, target) => {
    const world = new World();
    world.store.put(key(), record({ ...asked, target, state: 'acked' }));
    expect(await accept(world, HTTPS, request(message))).toMatchObject({
      outcome: 'repeated',
      record: { state: 'acked' },
    });
  });

  test.each([{ owner: 'system:queue' }, { owner: 'key:another' }])(
    "is no message of ours, when it is somebody else's: %j",
    async (owner) => {
      const world = new World();
      world.store.put(key(), record({ ...asked, ...owner, state: 'acked' }));
      expect(await accept(world, HTTPS, request())).toEqual({ outcome: 'conflict' });
    },
  );

  test('is that of the same message with a condition', async () => {
    const world = new World();
    world.store.put(key(), record({ ...asked, target: { kind: 'condition', condition: "'a' in topics" } }));
    const message = { message_id: 'm-1', condition: "'a' in topics", priority: 'normal', time_to_live: 600 } as const;
    expect((await accept(world, HTTPS, { ...request(), message })).outcome).toBe('repeated');
    expect(
      (await accept(world, HTTPS, { ...request(), message: { ...message, condition: "'b' in topics" } })).outcome,
    ).toBe('conflict');
  });

  test.each<[string, RecordedTarget]>([
    ['dKfj3kLm_Qo:another', asked.target],
    ['/topics/another', { kind: 'topic', topic: 'news' }],
    ['APA91bAnother', { kind: 'group', hash: hash('APA91bGroup') }],
  ])('is that of another message, when that goes to %s', async (to, target) => {
    const world = new World();
    world.store.put(key(), record({ ...asked, target, state: 'acked' }));
    expect((await accept(world, HTTPS, request({ to }))).outcome).toBe('conflict');
  });

  test.each([
    ['target', { target: { kind: 'condition', condition: "'a' in topics" } }],
    ['priority', { priority: 'high' }],
    ['time to live', { timeToLiveSeconds: 601 }],
  ] as const)('is that of another message, when its %s is another', async (_, fields) => {
    const world = new World();
    world.store.put(key(), record({ ...asked, state: 'acked', ...fields }));
    expect(await accept(world, HTTPS, request())).toEqual({ outcome: 'conflict' });
  });
});
