import { acceptPublished, type PublishedOutcome } from '../../../../relay/service/requests/accept-published.ts';
import { readPublished, type PublishedRequest } from '../../../../relay/service/requests/read-published.ts';
import { describeErrors } from '../../../../relay/service/requests/record-refusal.ts';
import { keyedHash } from '../../../../relay/model/token-hash.ts';
import { shownPath } from '../../../../relay/protocol/legacy/known-names.ts';
import { isObject } from '../../../../relay/protocol/rules/rule.ts';
import badRequests from '../../protocol/cases/bad-requests.json' with { type: 'json' };
import { change, failing, hash, key, record, SENDER, START_MS, TOKEN, World } from '../service-world.ts';

const ORIGIN = 'fcm-downstream-requests';
const published = (request: unknown, more: Partial<PublishedRequest> = {}): PublishedRequest => ({
  data: Buffer.from(typeof request === 'string' ? request : JSON.stringify(request)),
  pubsubMessageId: '4711',
  publishedAtMs: START_MS,
  ...more,
});
const take = (
  world: World,
  message: PublishedRequest,
  senders: readonly string[] = [SENDER],
): Promise<PublishedOutcome> => acceptPublished(world, { senders, origin: ORIGIN }, message);
const good = { to: TOKEN, data: { a: '1' }, message_id: 'm-1' };
const bad = { ...good, time_to_live: -1, notification: { color: 'red' } };

/** Of a refused request, nothing may be queued. */
const quiet = (world: World): void => {
  expect(world.queue.queued).toEqual([]);
};

describe('a good request', () => {
  test('is recorded and queued', async () => {
    const world = new World();
    expect(await take(world, published(good))).toEqual({ outcome: 'accepted', key: key() });
    expect(world.queue.queued).toMatchObject([
      { senderId: SENDER, message: { message_id: 'm-1', to: TOKEN }, acceptedAtMs: START_MS },
    ]);
    expect(world.store.record(key())).toMatchObject({ state: 'queued', owner: 'system:pubsub' });
  });

  test('without an id gets one of the Pub/Sub message: delivered twice, it is one message', async () => {
    const world = new World();
    const anonymous = { to: TOKEN, data: { a: '1' } };
    expect(await take(world, published(anonymous))).toEqual({ outcome: 'accepted', key: key('ps-4711') });
    expect((await take(world, published(anonymous))).outcome).toBe('repeated');
    expect(world.store.size).toBe(1);
  });

  test('that comes again is queued again, since its first delivery may have died before it could', async () => {
    const world = new World();
    world.queue.faults.before = failing('enqueue', 1);
    await expect(take(world, published(good))).rejects.toMatchObject({ code: 'NOT_TAKEN' });
    expect((await take(world, published(good))).outcome).toBe('repeated');
    expect(world.queue.queued).toHaveLength(1);
  });

  test('that comes again after it was sent is not', async () => {
    const world = new World();
    await take(world, published(good));
    await change(world, { state: 'sent', updatedAtMs: START_MS });
    await take(world, published(good));
    expect(world.queue.queued).toHaveLength(1);
  });

  test('under the id of another message is told as nacked under a ce-id of its own, and that message is left alone', async () => {
    const world = new World();
    await take(world, published(good));
    const standing = world.store.record(key());
    const other = published({ ...good, data: { a: '2' } });
    expect(await take(world, other)).toEqual({ outcome: 'conflict', key: key() });
    expect(world.events.events).toEqual([
      {
        id: expect.stringMatching(/^1234567890\/m-1\/conflict\/[0-9a-f]{32}$/),
        type: 'fcm.message.nacked',
        senderId: SENDER,
        timeMs: START_MS,
        owner: expect.any(String),
        data: {
          sender_id: SENDER,
          message_id: 'm-1',
          state: 'nacked',
          attempts: 0,
          error: 'MESSAGE_ID_CONFLICT',
          error_description: expect.stringContaining('another message'),
        },
      },
    ]);
    expect(world.deadLetters.letters).toEqual([]); // whoever reads the events was told, and has the request
    expect(world.store.record(key())).toEqual(standing);
    expect(world.queue.queued).toHaveLength(1);
  });

  test('under the id of another message has the same ce-id when it comes again, and another one than a third', async () => {
    const world = new World();
    await take(world, published(good));
    for (const a of ['2', '2', '3']) await take(world, published({ ...good, data: { a } }));
    const ids = world.events.events.map(({ id }) => id);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(2);
  });

  test('under the id of another message comes again when the event cannot be published', async () => {
    const world = new World();
    await take(world, published(good));
    world.events.faults.before = failing('publish', 1);
    await expect(take(world, published({ ...good, data: { a: '2' } }))).rejects.toThrow('publish failed');
  });

  test('keeps its numbers, and another number under its id is another message', async () => {
    const world = new World();
    const withId = (id: string) => published(`{"to":"${TOKEN}","message_id":"m-1","data":{"id":${id}}}`);
    expect(await take(world, withId('1234567890123456789'))).toEqual({ outcome: 'accepted', key: key() });
    expect(world.queue.queued).toMatchObject([{ message: { data: { id: '1234567890123456789' } } }]);
    expect((await take(world, withId('1234567890123456789'))).outcome).toBe('repeated');
    expect((await take(world, withId('1234567890123456788'))).outcome).not.toBe('repeated');
  });

  test.each(['create', 'enqueue'])('comes again when %s fails', async (call) => {
    const world = new World();
    world.store.faults.before = failing(call);
    world.queue.faults.before = failing(call);
    await expect(take(world, published(good))).rejects.toMatchObject({
      name: 'NotTakenError',
      message: 'the request could not be stored and queued',
      code: 'NOT_TAKEN',
      cause: expect.anything(),
    });
    expect(world.deadLetters.letters).toEqual([]);
  });
});

test('sender_id null counts as none: the attribute names the sender', async () => {
  const request = published({ ...good, sender_id: null, condition: null, data: null }, { senderId: '999' });
  expect(await take(new World(), request, [SENDER, '999'])).toMatchObject({
    outcome: 'accepted',
    key: { senderId: '999' },
  });
  expect(await take(new World(), published({ ...bad, sender_id: null }))).toMatchObject({
    outcome: 'refused',
    key: key(),
  });
});

describe('time_to_live', () => {
  const late = (more: Partial<PublishedRequest> = {}, ttl = 5) => published({ ...good, time_to_live: ttl }, more);

  test('counts from the publish, not from when a function ran', async () => {
    const world = new World();
    world.pass(4_999);
    expect((await take(world, late())).outcome).toBe('accepted');
    expect(world.queue.queued).toMatchObject([{ acceptedAtMs: START_MS, message: { time_to_live: 5 } }]);
    expect(world.store.record(key())).toMatchObject({ createdAtMs: START_MS, updatedAtMs: START_MS + 4_999 });
    expect(world.store.record(key())!.expireAtMs).toBeLessThan(START_MS + 5_000 + 31 * 86_400_000);
  });

  test.each<[number, number, string]>([
    [5, 4_999, 'accepted'],
    [5, 5_000, 'expired'],
    [0, 1_999, 'accepted'],
    [0, 2_000, 'expired'],
    [2_419_200, 2_419_199_999, 'accepted'],
    [2_419_200, 2_419_200_000, 'expired'],
  ])('of %d s after %d ms: %s', async (ttl, ms, outcome) => {
    const world = new World();
    world.pass(ms);
    expect((await take(world, late({}, ttl))).outcome).toBe(outcome);
    expect(world.queue.queued).toHaveLength(outcome === 'accepted' ? 1 : 0);
  });

  test('that is over ends as expired, with its document and its event, and nothing is queued', async () => {
    const world = new World();
    world.pass(20_000);
    expect(await take(world, late())).toEqual({ outcome: 'expired', key: key() });
    expect(world.store.record(key())).toMatchObject({
      state: 'expired',
      attempts: 0,
      owner: 'system:pubsub',
      createdAtMs: START_MS,
      settledAtMs: START_MS + 20_000,
      errorDescription: 'time_to_live expired before FCM accepted the message',
    });
    expect(world.events.events).toMatchObject([
      { id: `${SENDER}/m-1/expired`, type: 'fcm.message.expired', data: { attempts: 0 } },
    ]);
    quiet(world);
  });

  test('that is over is published again when the request comes again', async () => {
    const world = new World();
    world.pass(20_000);
    world.events.faults.before = failing('publish', 1);
    await expect(take(world, late())).rejects.toThrow('publish failed');
    const standing = world.store.record(key());
    world.pass(1_000);
    expect((await take(world, late())).outcome).toBe('expired');
    expect(world.store.record(key())).toEqual(standing);
    expect(world.events.events).toMatchObject([{ timeMs: START_MS + 20_000 }]);
  });

  test("that ran out after an earlier delivery is the worker's to judge: that delivery may have queued it", async () => {
    const world = new World();
    await take(world, late());
    world.pass(20_000);
    expect((await take(world, late())).outcome).toBe('repeated');
    expect(world.store.record(key())?.state).toBe('queued');
    expect(world.queue.queued).toMatchObject([{ acceptedAtMs: START_MS }, { acceptedAtMs: START_MS, repeated: true }]);
  });

  test('that is over does not touch another message under the id', async () => {
    const world = new World();
    await take(world, published({ ...good, data: { a: '2' } }));
    const standing = world.store.record(key());
    world.pass(20_000);
    expect((await take(world, late())).outcome).not.toBe('expired');
    expect(world.store.record(key())).toEqual(standing);
    expect(world.queue.queued).toHaveLength(1);
  });

  test.each([NaN, 0, -62_135_596_800_000, START_MS + 60_000, Infinity])(
    'counts from now where the time of the publish cannot be: %d',
    async (publishedAtMs) => {
      const world = new World();
      expect((await take(world, late({ publishedAtMs }, 0))).outcome).toBe('accepted');
      expect(world.queue.queued).toMatchObject([{ acceptedAtMs: START_MS }]);
    },
  );
});

describe('the sender', () => {
  const senders = [SENDER, '999'];

  test('is that of the attribute, when the message names none', async () => {
    expect(await take(new World(), published(good, { senderId: '999' }), senders)).toMatchObject({
      key: { senderId: '999' },
    });
  });

  test('may be named in both', async () => {
    expect(
      await take(new World(), published({ ...good, sender_id: '999' }, { senderId: '999' }), senders),
    ).toMatchObject({ key: { senderId: '999' } });
  });

  test('of a refused request is the one that it names', async () => {
    const world = new World();
    expect(await take(world, published({ ...bad, sender_id: '999' }), senders)).toMatchObject({
      outcome: 'refused',
      key: { senderId: '999', messageId: 'm-1' },
    });
    expect(world.store.record({ senderId: '999', messageId: 'm-1' })?.state).toBe('nacked');
  });

  test('named as two is told in words', () => {
    const message = published({ ...good, sender_id: SENDER }, { senderId: '999' });
    expect(readPublished(message, senders)).toMatchObject({
      errors: [{ path: 'sender_id', message: 'contradicts the attribute sender_id' }],
    });
  });

  test('and the id are absent where they are not known', () => {
    expect(readPublished(published({ to: 5 }), senders)).toStrictEqual({
      kind: 'refused',
      errors: expect.any(Array),
      fields: { to: 5 },
    });
  });

  test.each([
    ['in neither, when there are several', published(good), 'sender_id: REQUIRED'],
    ['as two', published({ ...good, sender_id: SENDER }, { senderId: '999' }), 'sender_id: NOT_ALLOWED'],
    ['as an unknown one', published(good, { senderId: '5' }), 'sender_id: UNKNOWN_SENDER'],
    ['as a number', published({ ...good, sender_id: 999 }), 'sender_id: WRONG_TYPE'],
  ])('named %s makes a dead letter: no document can be its place', async (_, message, detail) => {
    const world = new World();
    expect(await take(world, message, senders)).toEqual({ outcome: 'deadLettered', reason: 'INVALID_REQUEST' });
    expect(world.deadLetters.letters).toMatchObject([{ detail, messageId: 'm-1' }]);
    expect(world.deadLetters.letters[0]).not.toHaveProperty('senderId');
    expect(world.store.size).toBe(0);
    quiet(world);
  });
});

describe('a bad request', () => {
  test('ends as a message does: its document says nacked and every fault, and that is told', async () => {
    const world = new World();
    expect(await take(world, published(bad))).toMatchObject({ outcome: 'refused', key: key() });
    const description = 'time_to_live: OUT_OF_RANGE; notification.color: MALFORMED';
    expect(world.store.record(key())).toMatchObject({
      state: 'nacked',
      error: 'OUT_OF_RANGE',
      errorDescription: description,
      target: { kind: 'token', hash: hash(TOKEN) },
      priority: 'normal',
      owner: 'system:pubsub',
      settledAtMs: START_MS,
    });
    expect(world.events.events).toMatchObject([
      {
        id: `${SENDER}/m-1/nacked`,
        type: 'fcm.message.nacked',
        data: { error: 'OUT_OF_RANGE', error_description: description },
      },
    ]);
    quiet(world);
  });

  test('that comes again tells the same again', async () => {
    const world = new World();
    world.events.faults.before = failing('publish', 1);
    await expect(take(world, published(bad))).rejects.toThrow('publish failed');
    const standing = world.store.record(key());
    expect((await take(world, published(bad))).outcome).toBe('refused');
    expect(world.store.record(key())).toEqual(standing);
    expect(world.events.events).toHaveLength(1);
  });

  test.each([
    ['a good message', record({ contentHash: 'another' })],
    ['another bad request', record({ state: 'nacked', contentHash: 'another' })],
  ])('under the id of %s is told as a conflict, under a ce-id of its own', async (_, standing) => {
    const world = new World();
    world.store.put(key(), standing);
    expect(await take(world, published(bad))).toEqual({ outcome: 'conflict', key: key() });
    expect(world.deadLetters.letters).toEqual([]);
    expect(world.store.record(key())).toEqual(standing);
    expect(world.events.events).toMatchObject([
      { id: expect.stringContaining('/m-1/conflict/'), data: { error: 'MESSAGE_ID_CONFLICT' } },
    ]);
  });

  test('with other faults under the id of one that was refused is a conflict: it is not the same request', async () => {
    const world = new World();
    await take(world, published(bad));
    expect(await take(world, published({ ...bad, time_to_live: -2 }))).toEqual({ outcome: 'conflict', key: key() });
  });

  test('that was refused under the key of before is still the same request', async () => {
    const world = new World();
    await take(world, published(bad));
    const { store, events, queue, deadLetters, now, random, hash: previousHash } = world;
    const today = { store, events, queue, deadLetters, now, random, hash: keyedHash('the key of today'), previousHash };
    expect((await acceptPublished(today, { senders: [SENDER], origin: ORIGIN }, published(bad))).outcome).toBe(
      'refused',
    );
  });

  test('has its faults described in 1500 characters', () => {
    const described = (length: number): string =>
      describeErrors([{ path: 'x'.repeat(length - ': MALFORMED'.length), code: 'MALFORMED', message: '' }]);
    expect(described(1_500)).toMatch(/: MALFORMED$/);
    expect(described(1_501)).toMatch(/…$/);
    expect(described(1_501)).toHaveLength(1_500);
  });

  test('without a usable id is a dead letter', async () => {
    const world = new World();
    expect(await take(world, published({ ...bad, message_id: 'a/b' }))).toEqual({
      outcome: 'deadLettered',
      reason: 'INVALID_REQUEST',
    });
    expect(world.deadLetters.letters).toMatchObject([
      { detail: 'message_id: MALFORMED; time_to_live: OUT_OF_RANGE; notification.color: MALFORMED' },
    ]);
    expect(world.deadLetters.letters[0]).not.toHaveProperty('messageId');
    expect(world.deadLetters.letters[0]).toHaveProperty('senderId', SENDER);
    expect(world.store.size).toBe(0);
  });

  test.each([
    ['a token', { to: TOKEN }, { kind: 'token', hash: hash(TOKEN) }],
    ['a topic', { to: '/topics/news' }, { kind: 'topic', topic: 'news' }],
    ['a condition', { to: undefined, condition: "'a' in topics" }, { kind: 'condition', condition: "'a' in topics" }],
    ['nothing, when the target is bad', { to: 'my secret token' }, { kind: 'token', hash: '' }],
    [
      'nothing, when the condition is bad',
      { to: undefined, condition: 'my secret token' },
      { kind: 'token', hash: '' },
    ],
    ['nothing, when it is no text', { to: 5 }, { kind: 'token', hash: '' }],
  ])('records %s', async (_, message, target) => {
    const world = new World();
    await take(world, published({ ...bad, ...message }));
    expect(world.store.record(key())?.target).toEqual(target);
  });

  test('with more faults than are listed records no target, for it may be one of them', async () => {
    const world = new World();
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`unknown_${at}`, at]));
    await take(world, published({ message_id: 'm-1', ...many, to: 'my secret token' }));
    expect(world.store.record(key())?.target).toEqual({ kind: 'token', hash: '' });
    expect(world.store.record(key())?.errorDescription).toBe('?: UNKNOWN_FIELD; request: TOO_MANY'); // each once
  });

  test('with more faults than are listed, a bad sender among them, is a dead letter', async () => {
    const world = new World();
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`unknown_${at}`, at]));
    expect(await take(world, published({ message_id: 'm-1', ...many, sender_id: '5' }))).toEqual({
      outcome: 'deadLettered',
      reason: 'INVALID_REQUEST',
    });
  });

  test('comes again when its dead letter cannot be put', async () => {
    const world = new World();
    world.deadLetters.faults.before = failing('put');
    await expect(take(world, published('{'))).rejects.toThrow('put failed');
  });
});

describe('what is not a request at all', () => {
  test.each([
    ['no bytes', '', 'empty'],
    ['a text', 'hello', 'not JSON: unexpected character at line 1, column 1 (position 0)'],
  ])('is a dead letter: %s', async (_, text, detail) => {
    const world = new World();
    expect(await take(world, published(text))).toEqual({ outcome: 'deadLettered', reason: 'NOT_JSON' });
    expect(world.deadLetters.letters).toEqual([
      { payload: Uint8Array.from(Buffer.from(text)), reason: 'NOT_JSON', detail, origin: ORIGIN },
    ]);
    expect(world.store.size).toBe(0);
  });

  test.each([
    [SENDER, SENDER],
    ['5', undefined],
  ])('keeps the sender of its attribute where it is ours (%s): a replay needs it', async (senderId, kept) => {
    const world = new World();
    await take(world, published('{', { senderId }));
    expect(world.deadLetters.letters[0]?.senderId).toBe(kept);
    expect(Object.keys(world.deadLetters.letters[0] ?? {}).includes('senderId')).toBe(kept !== undefined);
  });

  test.each(['null', '[]', '"text"', '5'])('JSON of another kind: %s', async (text) => {
    const world = new World();
    expect(await take(world, published(text, { senderId: SENDER }))).toEqual({
      outcome: 'deadLettered',
      reason: 'INVALID_REQUEST',
    });
    expect(world.deadLetters.letters).toMatchObject([{ detail: 'request: WRONG_TYPE' }]);
  });

  test.each([
    ['9 MB', JSON.stringify({ ...good, data: { a: 'x'.repeat(9_000_000) } })],
    [
      '100 000 levels deep',
      `{"message_id":"m-1","to":"${TOKEN}","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    ],
  ])('%s is refused as any other', async (_, text) => {
    const world = new World();
    expect(await take(world, published(text))).toMatchObject({ outcome: 'refused', key: key() });
    expect(world.store.record(key())).toMatchObject({ state: 'nacked', error: 'TOO_LARGE' });
    quiet(world);
  });
});

describe('every bad request of the protocol', () => {
  test.each(badRequests)('$name', async ({ input, errors }) => {
    const world = new World();
    const named = isObject(input) && !('message_id' in input) ? { ...input, message_id: 'm-1' } : input;
    const taken = await take(world, published(named));
    const described = [...new Set(errors.map((error) => `${shownPath(error)}: ${error.code}`))].sort();
    const told =
      taken.outcome === 'refused'
        ? world.store.record(taken.key)?.errorDescription
        : world.deadLetters.letters[0]?.detail;
    if (told?.endsWith('…') !== true) expect(told?.split('; ').sort()).toEqual(described);
    expect(['refused', 'deadLettered']).toContain(taken.outcome);
    quiet(world);
  });
});
