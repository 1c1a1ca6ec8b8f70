import { takePublished, type Taken } from '../../relay/core/intake.ts';
import { readPublished, type PublishedRequest } from '../../relay/core/intake-published.ts';
import { describeErrors } from '../../relay/core/intake-refuse.ts';
import { isObject } from '../../relay/protocol/rule.ts';
import badRequests from '../protocol/cases/bad-requests.json' with { type: 'json' };
import { change, failing, hash, key, record, SENDER, START_MS, TOKEN, World } from './intake-world.ts';

const ORIGIN = 'fcm-downstream-requests';
const published = (request: unknown, more: Partial<PublishedRequest> = {}): PublishedRequest => ({
  data: Buffer.from(typeof request === 'string' ? request : JSON.stringify(request)),
  pubsubMessageId: '4711',
  ...more,
});
const take = (world: World, message: PublishedRequest, senders: readonly string[] = [SENDER]): Promise<Taken> =>
  takePublished(world, { senders, origin: ORIGIN }, message);
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
    expect(world.queue.queued).toMatchObject([{ senderId: SENDER, message: { message_id: 'm-1', to: TOKEN }, acceptedAtMs: START_MS }]);
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

  test('under the id of another message is a dead letter, and that message is left alone', async () => {
    const world = new World();
    await take(world, published(good));
    const other = published({ ...good, data: { a: '2' } });
    expect(await take(world, other)).toEqual({ outcome: 'deadLettered', reason: 'MESSAGE_ID_CONFLICT' });
    expect(world.deadLetters.letters).toEqual([
      { payload: Uint8Array.from(other.data), reason: 'MESSAGE_ID_CONFLICT', detail: 'the message_id belongs to another message', origin: ORIGIN, messageId: 'm-1', senderId: SENDER },
    ]);
    expect(world.store.record(key())?.state).toBe('queued');
    expect(world.queue.queued).toHaveLength(1);
  });

  test.each(['create', 'enqueue'])('comes again when %s fails', async (call) => {
    const world = new World();
    world.store.faults.before = failing(call);
    world.queue.faults.before = failing(call);
    await expect(take(world, published(good))).rejects.toMatchObject({ name: 'NotTakenError', message: 'the request could not be stored and queued', code: 'NOT_TAKEN', cause: expect.anything() });
    expect(world.deadLetters.letters).toEqual([]);
  });
});

describe('the sender', () => {
  const senders = [SENDER, '999'];

  test('is that of the attribute, when the message names none', async () => {
    expect(await take(new World(), published(good, { senderId: '999' }), senders)).toMatchObject({ key: { senderId: '999' } });
  });

  test('may be named in both', async () => {
    expect(await take(new World(), published({ ...good, sender_id: '999' }, { senderId: '999' }), senders)).toMatchObject({ key: { senderId: '999' } });
  });

  test('of a refused request is the one that it names', async () => {
    const world = new World();
    expect(await take(world, published({ ...bad, sender_id: '999' }), senders)).toMatchObject({ outcome: 'refused', key: { senderId: '999', messageId: 'm-1' } });
    expect(world.store.record({ senderId: '999', messageId: 'm-1' })?.state).toBe('nacked');
  });

  test('named as two is told in words', () => {
    const message = published({ ...good, sender_id: SENDER }, { senderId: '999' });
    expect(readPublished(message, senders)).toMatchObject({ errors: [{ path: 'sender_id', message: 'the attribute sender_id names another sender' }] });
  });

  test('and the id are absent where they are not known', () => {
    expect(readPublished(published({ to: 5 }), senders)).toStrictEqual({ kind: 'refused', errors: expect.any(Array), fields: { to: 5 } });
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
      state: 'nacked', error: 'OUT_OF_RANGE', errorDescription: description, target: { kind: 'token', hash: hash(TOKEN) }, priority: 'normal', owner: 'system:pubsub', settledAtMs: START_MS,
    });
    expect(world.events.events).toMatchObject([
      { id: `${SENDER}/m-1/nacked`, type: 'fcm.message.nacked', data: { error: 'OUT_OF_RANGE', error_description: description } },
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
  ])('under the id of %s is a dead letter', async (_, standing) => {
    const world = new World();
    world.store.put(key(), standing);
    expect(await take(world, published(bad))).toEqual({ outcome: 'deadLettered', reason: 'MESSAGE_ID_CONFLICT' });
    expect(world.deadLetters.letters).toMatchObject([{ messageId: 'm-1', senderId: SENDER, origin: ORIGIN }]);
    expect(world.store.record(key())).toEqual(standing);
    expect(world.events.events).toEqual([]);
  });

  test('with other faults under the id of one that was refused is a dead letter: it is not the same request', async () => {
    const world = new World();
    await take(world, published(bad));
    expect(await take(world, published({ ...bad, time_to_live: -2 }))).toEqual({ outcome: 'deadLettered', reason: 'MESSAGE_ID_CONFLICT' });
  });

  test('has its faults described in 1500 characters', () => {
    const described = (length: number): string => describeErrors([{ path: 'x'.repeat(length - ': MALFORMED'.length), code: 'MALFORMED', message: '' }]);
    expect(described(1_500)).toMatch(/: MALFORMED$/);
    expect(described(1_501)).toMatch(/…$/);
    expect(described(1_501)).toHaveLength(1_500);
  });

  test('without a usable id is a dead letter', async () => {
    const world = new World();
    expect(await take(world, published({ ...bad, message_id: 'a/b' }))).toEqual({ outcome: 'deadLettered', reason: 'INVALID_REQUEST' });
    expect(world.deadLetters.letters).toMatchObject([{ detail: 'message_id: MALFORMED; time_to_live: OUT_OF_RANGE; notification.color: MALFORMED' }]);
    expect(world.deadLetters.letters[0]).not.toHaveProperty('messageId');
    expect(world.deadLetters.letters[0]).toHaveProperty('senderId', SENDER);
    expect(world.store.size).toBe(0);
  });

  test.each([
    ['a token', { to: TOKEN }, { kind: 'token', hash: hash(TOKEN) }],
    ['a topic', { to: '/topics/news' }, { kind: 'topic', topic: 'news' }],
    ['a condition', { to: undefined, condition: "'a' in topics" }, { kind: 'condition', condition: "'a' in topics" }],
    ['nothing, when the target is bad', { to: 'my secret token' }, { kind: 'token', hash: '' }],
    ['nothing, when the condition is bad', { to: undefined, condition: 'my secret token' }, { kind: 'token', hash: '' }],
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
    expect(world.store.record(key())?.errorDescription?.length).toBeLessThanOrEqual(1_500);
    expect(world.store.record(key())?.errorDescription).toMatch(/…$/);
  });

  test('with more faults than are listed, a bad sender among them, is a dead letter', async () => {
    const world = new World();
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`unknown_${at}`, at]));
    expect(await take(world, published({ message_id: 'm-1', ...many, sender_id: '5' }))).toEqual({ outcome: 'deadLettered', reason: 'INVALID_REQUEST' });
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
    expect(world.deadLetters.letters).toEqual([{ payload: Uint8Array.from(Buffer.from(text)), reason: 'NOT_JSON', detail, origin: ORIGIN }]);
    expect(world.store.size).toBe(0);
  });

  test.each([[SENDER, SENDER], ['5', undefined]])('keeps the sender of its attribute where it is ours (%s): a replay needs it', async (senderId, kept) => {
    const world = new World();
    await take(world, published('{', { senderId }));
    expect(world.deadLetters.letters[0]?.senderId).toBe(kept);
    expect(Object.keys(world.deadLetters.letters[0] ?? {}).includes('senderId')).toBe(kept !== undefined);
  });

  test.each(['null', '[]', '"text"', '5'])('JSON of another kind: %s', async (text) => {
    const world = new World();
    expect(await take(world, published(text, { senderId: SENDER }))).toEqual({ outcome: 'deadLettered', reason: 'INVALID_REQUEST' });
    expect(world.deadLetters.letters).toMatchObject([{ detail: 'request: WRONG_TYPE' }]);
  });

  test.each([
    ['9 MB', JSON.stringify({ ...good, data: { a: 'x'.repeat(9_000_000) } })],
    ['100 000 levels deep', `{"message_id":"m-1","to":"${TOKEN}","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`],
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
    const described = errors.map(({ path, code }) => `${path === '' ? 'request' : path}: ${code}`).sort();
    const told = taken.outcome === 'refused' ? world.store.record(taken.key)?.errorDescription : world.deadLetters.letters[0]?.detail;
    if (told?.endsWith('…') !== true) expect(told?.split('; ').sort()).toEqual(described);
    expect(['refused', 'deadLettered']).toContain(taken.outcome);
    quiet(world);
  });
});
