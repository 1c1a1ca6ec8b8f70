import { accept, acceptor, DATE_AFTER_MS } from '../../../../relay/service/accept/accept.ts';
import type { RecordedTarget } from '../../../../relay/model/record.ts';
import { keyedHash } from '../../../../relay/model/token-hash.ts';
import { canonicalContent } from '../../../../relay/protocol/legacy/content.ts';
import { change, failing, hash, key, onFirst, record, request, START_MS, TOKEN, World } from '../service-world.ts';

const HTTPS = { owner: 'key:app-back-end' } as const;
const DAY_MS = 86_400_000;

describe('a new message', () => {
  test('is recorded as queued, then queued, then accepted', async () => {
    const world = new World();
    let recordedBefore = false;
    world.queue.faults.before = () => void (recordedBefore = world.store.record(key())?.state === 'queued');
    const acceptance = await accept(world, HTTPS, request());
    expect(acceptance.outcome).toBe('accepted');
    expect(recordedBefore).toBe(true);
    expect(world.queue.queued).toEqual([{ ...request(), acceptedAtMs: START_MS, owner: HTTPS.owner }]);
    expect(world.store.record(key())).toEqual({
      state: 'queued',
      target: { kind: 'token', hash: hash(TOKEN) },
      priority: 'normal',
      timeToLiveSeconds: 600,
      attempts: 0,
      owner: 'key:app-back-end',
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      createdAtMs: START_MS,
      updatedAtMs: START_MS,
      expireAtMs: expect.any(Number),
    });
  });

  test('takes one write and no read', async () => {
    const world = new World();
    const calls: string[] = [];
    world.store.faults.before = (call) => void calls.push(call);
    await accept(world, HTTPS, request());
    expect(calls).toEqual(['create']);
  });

  test.each([
    [0, 30 * DAY_MS],
    [0.5, 30.5 * DAY_MS],
  ])('is kept for 30 days past its time to live, and up to a day more: drawn %d', async (drawn, keptMs) => {
    const world = Object.assign(new World(), { random: () => drawn });
    await accept(world, HTTPS, request());
    expect(world.store.record(key())?.expireAtMs).toBe(START_MS + 600_000 + keptMs);
  });

  test.each<[string, Parameters<typeof request>[0], RecordedTarget]>([
    ['a token as its hash', { to: 'abc:def' }, { kind: 'token', hash: hash('abc:def') }],
    ['a notification key as its hash', { to: 'APA91bGroup' }, { kind: 'group', hash: hash('APA91bGroup') }],
    ['a topic in clear', { to: '/topics/news' }, { kind: 'topic', topic: 'news' }],
  ])('records %s', async (_, message, target) => {
    const world = new World();
    await accept(world, HTTPS, request(message));
    expect(world.store.record(key())?.target).toEqual(target);
  });

  test('records a condition in clear', async () => {
    const world = new World();
    const message = { message_id: 'm-1', condition: "'a' in topics", priority: 'normal', time_to_live: 600 } as const;
    await accept(world, HTTPS, { ...request(), message });
    expect(world.store.record(key())?.target).toEqual({ kind: 'condition', condition: "'a' in topics" });
  });
});

describe('the same message again', () => {
  test('is answered with its state, and queued no second time', async () => {
    const world = new World();
    await accept(world, HTTPS, request());
    await change(world, { state: 'acked', updatedAtMs: START_MS + 5 });
    const again = await accept(world, HTTPS, request());
    expect(again).toMatchObject({ outcome: 'repeated', record: { state: 'acked' } });
    expect(world.queue.queued).toHaveLength(1);
  });

  test('50 times at once is one document and one message in the queue; each call answered "repeated" put a marked copy beside it', async () => {
    const world = new World();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async () => (await accept(world, HTTPS, request())).outcome),
    );
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(49);
    expect(world.store.size).toBe(1);
    expect(world.queue.queued.filter(({ repeated }) => repeated === undefined)).toHaveLength(1);
  });

  test('with other content is a conflict, and changes nothing', async () => {
    const world = new World();
    await accept(world, HTTPS, request());
    const before = world.store.record(key());
    expect(await accept(world, HTTPS, request({ data: { a: '2' } }))).toEqual({ outcome: 'conflict' });
    expect(world.store.record(key())).toEqual(before);
    expect(world.queue.queued).toHaveLength(1);
  });
});

describe('after a change of TOKEN_HASH_KEY', () => {
  const rotated = (world: World) => {
    const { store, queue, now, random, hash: previousHash } = world;
    return { store, queue, now, random, hash: keyedHash('the key of today'), previousHash };
  };

  test.each([
    ['by its content', (world: World) => accept(world, HTTPS, request())],
    [
      'by its target, where its document has no content hash',
      (world: World) => Promise.resolve(world.store.put(key(), record({ owner: HTTPS.owner }))),
    ],
  ])('a message that was accepted before is still known, %s: its repeat is no conflict', async (_, acceptBefore) => {
    const world = new World();
    await acceptBefore(world);
    expect((await accept(rotated(world), HTTPS, request())).outcome).toBe('repeated');
    expect((await accept(rotated(world), HTTPS, request({ to: 'another-token' }))).outcome).toBe('conflict');
    // two changes later
    expect((await accept({ ...rotated(world), previousHash: undefined }, HTTPS, request())).outcome).toBe('conflict');
  });

  test('what is accepted bears the key of today', async () => {
    const world = new World();
    await accept(rotated(world), HTTPS, request());
    expect(world.store.record(key())?.contentHash).toBe(keyedHash('the key of today')(canonicalContent(request())));
  });
});

describe('the same message of another owner', () => {
  test.each(['key:app-back-end-2', 'user:app-back-end', 'system:pubsub'] as const)(
    'is a conflict, as one with other content is: nobody can guess what a message says (%s)',
    async (owner) => {
      const world = new World();
      await accept(world, HTTPS, request());
      const before = world.store.record(key());
      const guesses = [request(), request({ data: { a: '2' } })].map((guess) => accept(world, { owner }, guess));
      expect(await Promise.all(guesses)).toEqual([{ outcome: 'conflict' }, { outcome: 'conflict' }]);
      expect(world.store.record(key())).toEqual(before);
      expect(world.queue.queued).toHaveLength(1);
    },
  );

  test('is a conflict where the owner in the document has no type: such documents match nobody', async () => {
    const world = new World();
    await accept(world, HTTPS, request());
    const old = { ...world.store.record(key())!, owner: 'app-back-end' };
    const older = new World();
    await older.store.create(key(), old);
    expect(await accept(older, HTTPS, request())).toEqual({ outcome: 'conflict' });
  });
});

describe('a message whose first writer died between its two writes', () => {
  const orphan = async (): Promise<World> => {
    const world = new World();
    world.queue.faults.before = onFirst('enqueue', () => new Promise(() => undefined));
    void accept(world, HTTPS, request());
    await new Promise(setImmediate);
    return world;
  };

  test('is queued by the first repeat, though the writer may still be alive: every answered call has queued it', async () => {
    const world = await orphan();
    const calls: string[] = [];
    world.store.faults.before = (call) => void calls.push(call);
    expect((await accept(world, HTTPS, request())).outcome).toBe('repeated');
    expect(world.queue.queued).toEqual([{ ...request(), acceptedAtMs: START_MS, owner: HTTPS.owner, repeated: true }]);
    expect(calls).toEqual(['create', 'read']);
  });

  test.each([
    [DATE_AFTER_MS - 1, START_MS],
    [DATE_AFTER_MS, START_MS + DATE_AFTER_MS],
  ])(
    'is dated by a repeat when it is old, so that the sweep does not take it for lost, and keeps the time of its first acceptance (%i ms)',
    async (afterMs, updatedAtMs) => {
      const world = await orphan();
      world.pass(afterMs);
      await accept(world, HTTPS, request());
      expect(world.store.record(key())).toMatchObject({ createdAtMs: START_MS, updatedAtMs });
      expect(world.queue.queued).toMatchObject([{ acceptedAtMs: START_MS }]);
    },
  );

  test('is not queued while that cannot be noted: the sweep would take it for lost', async () => {
    const world = await orphan();
    world.pass(DATE_AFTER_MS);
    world.store.faults.before = failing('update');
    expect((await accept(world, HTTPS, request())).outcome).toBe('unavailable');
    expect(world.queue.queued).toHaveLength(0);
  });

  test('is queued too where somebody else changed it at the same moment: he may die before he queues it', async () => {
    const world = await orphan();
    world.pass(DATE_AFTER_MS);
    world.store.faults.before = onFirst('update', () => change(world, { updatedAtMs: START_MS + 1 }));
    expect((await accept(world, HTTPS, request())).outcome).toBe('repeated');
    expect(world.queue.queued).toHaveLength(1);
  });

  test('is not accepted while the queue fails', async () => {
    const world = await orphan();
    world.queue.faults.before = failing('enqueue');
    expect((await accept(world, HTTPS, request())).outcome).toBe('unavailable');
    expect(world.store.record(key())?.state).toBe('queued');
  });

  test.each([
    ['that is being cancelled', { cancelRequestedAtMs: START_MS }],
    ['that was sent', { state: 'sent' }],
  ] as const)('is not queued again when it is one %s', async (_, fields) => {
    const world = await orphan();
    await change(world, { ...fields, updatedAtMs: START_MS });
    expect((await accept(world, HTTPS, request())).outcome).toBe('repeated');
    expect(world.queue.queued).toHaveLength(0);
  });
});

describe('a batch', () => {
  test('takes the first of those with the same id, whatever takes longest', async () => {
    const world = new World();
    let waits = 3;
    world.store.faults.before = async (call) => {
      if (call === 'create') for (let turns = waits--; turns > 0; turns -= 1) await new Promise(setImmediate);
    };
    const take = acceptor(world, HTTPS);
    const outcomes = await Promise.all(
      [request(), request({ data: { a: '2' } }), request(), request({ message_id: 'm-2' })].map(take),
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'conflict', 'repeated', 'accepted']);
    expect(
      world.queue.queued
        .filter(({ repeated }) => repeated === undefined)
        .map(({ message }) => [message.message_id, message.data])
        .sort(),
    ).toEqual([
      ['m-1', { a: '1' }],
      ['m-2', { a: '1' }],
    ]);
  });

  test('refuses none for another that fails', async () => {
    const world = new World();
    world.queue.faults.before = failing('enqueue', 1);
    const take = acceptor(world, HTTPS);
    const outcomes = await Promise.all(['m-1', 'm-2', 'm-3'].map((message_id) => take(request({ message_id }))));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['unavailable', 'accepted', 'accepted']);
    expect(world.queue.queued.map(({ message }) => message.message_id)).toEqual(['m-2', 'm-3']);
  });
});
