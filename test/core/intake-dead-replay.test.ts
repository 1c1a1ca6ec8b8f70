import { planReplay, replay, type Letter, type ReplayPlan } from '../../relay/core/intake-dead-replay.ts';
import { settleDead } from '../../relay/core/intake-dead.ts';
import { MESSAGE_STATES } from '../../relay/core/record.ts';
import { encodeQueued } from '../../relay/protocol/queued.ts';
import type { DownstreamMessage } from '../../relay/protocol/message.ts';
import { change, failing, key, onFirst, record, request, SENDER, START_MS, World } from './intake-world.ts';

const LETTER_MS = START_MS + 1_000;
const queued = (message: Partial<DownstreamMessage> = {}) => ({ ...request(message), acceptedAtMs: START_MS });
const letterOf = (payload: Uint8Array, more: Partial<Letter> = {}): Letter =>
  ({ payload, reason: 'MAX_DELIVERY_ATTEMPTS', detail: '', origin: 'lane', publishedAtMs: LETTER_MS, ...more });
const letter = (message: Partial<DownstreamMessage> = {}): Letter => letterOf(encodeQueued(queued(message)));
const dead = (fields: Parameters<typeof record>[0] = {}) => record({ state: 'dead', error: 'MAX_DELIVERY_ATTEMPTS', errorDescription: 'x', settledAtMs: LETTER_MS + 5, ...fields });

/** A world a minute after the letter. */
function aMinuteLater(fields?: Parameters<typeof record>[0]): World {
  const world = new World();
  world.pass(60_000);
  if (fields !== undefined) world.store.put(key(), record(fields));
  return world;
}

async function attempt(world: World, one = letter(), newTtlSeconds?: number): Promise<{ plan: ReplayPlan; done: boolean }> {
  const plan = await planReplay(world, one, newTtlSeconds);
  return { plan, done: await replay(world, one, plan) };
}

test('a dead message that never was sent is queued again, under its id, as a copy', async () => {
  const world = aMinuteLater(dead());
  expect((await attempt(world)).done).toBe(true);
  expect(world.queue.queued).toEqual([{ ...queued(), repeated: true }]);
  expect(world.store.record(key())).toEqual({
    ...record(), replayedToMs: LETTER_MS + 5, updatedAtMs: world.now(), expireAtMs: expect.any(Number),
  });
});

test('one that was sent is opened as sent, so that no DELETE can promise that it never was', async () => {
  const world = aMinuteLater(dead({ attempts: 3 }));
  await attempt(world);
  expect(world.store.record(key())).toMatchObject({ state: 'sent', attempts: 3 });
  expect(world.store.record(key())).not.toHaveProperty('error'); // or the worker would go on waiting for it
});

test('a document that does not say when it settled is opened for this letter', async () => {
  const world = aMinuteLater({ state: 'dead' });
  await attempt(world);
  expect(world.store.record(key())).toMatchObject({ state: 'queued', replayedToMs: LETTER_MS });
});

test('its document outlives the new end by the retention', async () => {
  const world = aMinuteLater(dead({ expireAtMs: START_MS }));
  await attempt(world);
  expect(world.store.record(key())?.expireAtMs).toBeGreaterThanOrEqual(START_MS + 600_000 + 30 * 86_400_000);
});

test('a plan changes nothing', async () => {
  const world = aMinuteLater(dead());
  await planReplay(world, letter());
  expect(world.store.record(key())).toEqual(dead());
  expect(world.queue.queued).toEqual([]);
});

test.each(MESSAGE_STATES.filter((state) => state !== 'dead'))('a message that is %s is left alone, with its letter', async (state) => {
  const world = aMinuteLater({ state });
  expect(await attempt(world)).toEqual({ plan: { action: 'leave', why: 'notDead', state }, done: false });
  expect(world.store.record(key())).toEqual(record({ state }));
  expect(world.queue.queued).toEqual([]);
});

test('a message without a document is queued: the worker makes one', async () => {
  const world = aMinuteLater();
  expect((await attempt(world)).done).toBe(true);
  expect(world.queue.queued).toEqual([{ ...queued(), repeated: true }]);
  expect(world.store.size).toBe(0);
});

describe('a replay that is repeated', () => {
  test('after it died between its two writes queues the message', async () => {
    const world = aMinuteLater(dead());
    world.queue.faults.before = failing('enqueue', 1);
    await expect(attempt(world)).rejects.toThrow('enqueue failed');
    expect(world.store.record(key())?.state).toBe('queued');
    const opened = world.store.record(key());
    expect(await attempt(world)).toMatchObject({ plan: { action: 'queue' }, done: true });
    expect(world.queue.queued).toHaveLength(1);
    expect(world.store.record(key())).toEqual(opened);
  });

  test.each(['acked', 'nacked', 'expired', 'cancelled'] as const)('when the message is %s since finishes the letter and sends nothing', async (state) => {
    const world = aMinuteLater(dead());
    await attempt(world);
    await change(world, { state, updatedAtMs: world.now() });
    expect(await attempt(world)).toEqual({ plan: { action: 'finish', state }, done: true });
    expect(world.queue.queued).toHaveLength(1);
    expect(world.store.record(key())?.state).toBe(state);
  });

  test('for the very letter that its document was opened for, queues the message', async () => {
    const world = aMinuteLater({ replayedToMs: LETTER_MS });
    expect(await planReplay(world, letter())).toMatchObject({ action: 'queue' });
  });

  test('at the same time does it once', async () => {
    const world = aMinuteLater(dead());
    const plans = await Promise.all([planReplay(world, letter()), planReplay(world, letter())]);
    expect(await Promise.all(plans.map((plan) => replay(world, letter(), plan)))).toEqual([true, false]);
    expect(world.queue.queued).toHaveLength(1);
  });

  test('of a message that died again is of its own', async () => {
    const world = aMinuteLater(dead());
    await attempt(world);
    const again = { ...letter(), publishedAtMs: world.now() };
    expect(await planReplay(world, again)).toEqual({ action: 'leave', why: 'notDead', state: 'queued' }); // onDeadLetter has not come to it
    await settleDead(world, { key: key(), reason: 'X', detail: '', publishedAtMs: again.publishedAtMs });
    expect((await attempt(world, again)).done).toBe(true);
    expect(world.store.record(key())).toMatchObject({ state: 'queued', replayedToMs: world.now() });
  });
});

test('the dead letter delivered once more after the replay does not end the message', async () => {
  const world = aMinuteLater(dead());
  await attempt(world);
  expect(await settleDead(world, { key: key(), reason: 'MAX_DELIVERY_ATTEMPTS', detail: '', publishedAtMs: LETTER_MS })).toBe('replayed');
});

test('a document that changes meanwhile is not opened, and nothing is queued', async () => {
  const world = aMinuteLater(dead());
  world.store.faults.before = onFirst('update', () => change(world, { updatedAtMs: 1 }));
  expect((await attempt(world)).done).toBe(false);
  expect(world.queue.queued).toEqual([]);
});

test('a cancel that was asked for stays asked for', async () => {
  const world = aMinuteLater(dead({ cancelRequestedAtMs: START_MS }));
  await attempt(world);
  expect(world.store.record(key())?.cancelRequestedAtMs).toBe(START_MS);
});

describe('a message whose time is over', () => {
  test('is told and left', async () => {
    const world = aMinuteLater(dead());
    world.pass(539_999);
    expect(await planReplay(world, letter())).toMatchObject({ action: 'queue' });
    world.pass(1);
    expect(await attempt(world)).toEqual({ plan: { action: 'leave', why: 'expired' }, done: false });
    expect(world.store.record(key())).toEqual(dead());
  });

  test('gets a new time to live from now on, in queue and document, where one is given', async () => {
    const world = aMinuteLater(dead());
    world.pass(3_600_000 + 1);
    await attempt(world, letter(), 900);
    const timeToLiveSeconds = 3_600 + 60 + 1 + 900;
    expect(world.queue.queued).toMatchObject([{ acceptedAtMs: START_MS, message: { time_to_live: timeToLiveSeconds, message_id: 'm-1' }, repeated: true }]);
    expect(world.store.record(key())).toMatchObject({ timeToLiveSeconds, createdAtMs: START_MS });
  });

  test('is too old when four weeks from its acceptance are not enough', async () => {
    const world = aMinuteLater(dead());
    world.pass(2_419_200_000 - 60_000 - 900_000);
    expect(await planReplay(world, letter(), 900)).toMatchObject({ action: 'queue', queued: { message: { time_to_live: 2_419_200 } } });
    expect(await planReplay(world, letter(), 901)).toEqual({ action: 'leave', why: 'tooOld' });
  });

  test('is not asked of one that has time left', async () => {
    const world = aMinuteLater(dead());
    expect(await planReplay(world, letter(), 5)).toMatchObject({ queued: { message: { time_to_live: 600 } } });
  });
});

test.each([
  ['with its sender', { senderId: SENDER }, SENDER],
  ['without one', {}, undefined],
])('what is no queue message is handed in as a request, byte for byte, %s', async (_, more, senderId) => {
  const world = aMinuteLater(dead());
  const poison = letterOf(Buffer.from('{"to": "T"}'), { reason: 'INVALID_REQUEST', ...more });
  expect(await attempt(world, poison)).toEqual({ plan: { action: 'request' }, done: true });
  expect(world.requests.requests).toEqual([{ text: '{"to": "T"}', senderId }]);
  expect(world.queue.queued).toEqual([]);
  expect(world.store.record(key())).toEqual(dead());
});

test.each(['read', 'update'])('a store that fails at %s queues nothing', async (call) => {
  const world = aMinuteLater(dead());
  world.store.faults.before = failing(call);
  await expect(attempt(world)).rejects.toThrow(`${call} failed`);
  expect(world.queue.queued).toEqual([]);
});
