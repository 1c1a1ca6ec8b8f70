import {
  planReplay,
  replay,
  type PublishedDeadLetter,
  type ReplayPlan,
} from '../../../../relay/service/dead-letters/replay.ts';
import { settleDead } from '../../../../relay/service/dead-letters/settle-dead.ts';
import { MESSAGE_STATES } from '../../../../relay/model/record.ts';
import { encodeQueued } from '../../../../relay/protocol/queue/queued.ts';
import type { DownstreamMessage } from '../../../../relay/protocol/legacy/message.ts';
import { canonicalContent } from '../../../../relay/protocol/legacy/content.ts';
import { change, failing, hash, key, onFirst, record, request, SENDER, START_MS, World } from '../service-world.ts';

const LETTER_MS = START_MS + 1_000;
const queued = (message: Partial<DownstreamMessage> = {}) => ({ ...request(message), acceptedAtMs: START_MS });
const letterOf = (payload: Uint8Array, more: Partial<PublishedDeadLetter> = {}): PublishedDeadLetter => ({
  payload,
  reason: 'MAX_DELIVERY_ATTEMPTS',
  detail: '',
  origin: 'lane',
  publishedAtMs: LETTER_MS,
  signedBy: { relay: false, queue: true },
  ...more,
});
const letter = (message: Partial<DownstreamMessage> = {}): PublishedDeadLetter =>
  letterOf(encodeQueued(queued(message)));
const dead = (fields: Parameters<typeof record>[0] = {}) =>
  record({
    state: 'dead',
    error: 'MAX_DELIVERY_ATTEMPTS',
    errorDescription: 'x',
    settledAtMs: LETTER_MS + 5,
    ...fields,
  });

/** A world a minute after the letter. */
function aMinuteLater(fields?: Parameters<typeof record>[0]): World {
  const world = new World();
  world.pass(60_000);
  if (fields !== undefined) world.store.put(key(), record(fields));
  return world;
}

async function attempt(
  world: World,
  one = letter(),
  newTtlSeconds?: number,
): Promise<{ plan: ReplayPlan; done: boolean }> {
  const plan = await planReplay(world, one, { newTtlSeconds });
  return { plan, done: await replay(world, one, plan) };
}

test('a dead message that never was sent is queued again, under its id, as a copy', async () => {
  const world = aMinuteLater(dead());
  expect((await attempt(world)).done).toBe(true);
  expect(world.queue.queued).toEqual([{ ...queued(), repeated: true }]);
  expect(world.store.record(key())).toEqual({
    ...record(),
    contentHash: expect.any(String),
    replayedToMs: LETTER_MS + 5,
    updatedAtMs: world.now(),
    expireAtMs: expect.any(Number),
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

test.each(MESSAGE_STATES.filter((state) => state !== 'dead' && state !== 'unknown'))(
  'a message that is %s is left alone, with its letter',
  async (state) => {
    const world = aMinuteLater({ state });
    expect(await attempt(world)).toEqual({ plan: { action: 'leave', why: 'notDead', state }, done: false });
    expect(world.store.record(key())).toEqual(record({ state }));
    expect(world.queue.queued).toEqual([]);
  },
);

test('one that FCM may have is left, and replayed only by force: as sent, since it may have been', async () => {
  const world = aMinuteLater({ state: 'unknown', settledAtMs: START_MS });
  expect(await attempt(world)).toEqual({ plan: { action: 'leave', why: 'maybeTaken' }, done: false });
  const plan = await planReplay(world, letter(), { force: true });
  expect(await replay(world, letter(), plan)).toBe(true);
  expect(world.store.record(key())).toMatchObject({ state: 'sent', attempts: 0 });
  expect(world.queue.queued).toHaveLength(1);
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

  test.each(['acked', 'nacked', 'expired', 'cancelled'] as const)(
    'when the message is %s since finishes the letter and sends nothing',
    async (state) => {
      const world = aMinuteLater(dead());
      await attempt(world);
      await change(world, { state, updatedAtMs: world.now() });
      expect(await attempt(world)).toEqual({ plan: { action: 'finish', state }, done: true });
      expect(world.queue.queued).toHaveLength(1);
      expect(world.store.record(key())?.state).toBe(state);
    },
  );

  test('for the very letter that its document was opened for, queues the message', async () => {
    const world = aMinuteLater({ replayedToMs: LETTER_MS });
    expect(await planReplay(world, letter())).toMatchObject({ action: 'queue' });
  });

  test('with a new time to live, after it died between its two writes, queues what its document has', async () => {
    const world = aMinuteLater(dead());
    world.pass(600_000);
    world.queue.faults.before = failing('enqueue', 1);
    await expect(attempt(world, letter(), 60)).rejects.toThrow('enqueue failed');
    const opened = world.store.record(key());
    expect(await attempt(world, letter(), 60)).toMatchObject({ plan: { action: 'queue' }, done: true });
    expect(hash(canonicalContent(world.queue.queued[0]!))).toBe(opened?.contentHash);
    expect(world.store.record(key())).toEqual(opened);
  });

  test('with a new time to live, when the message has ended since, finishes the letter', async () => {
    const world = aMinuteLater(dead());
    world.pass(600_000);
    await attempt(world, letter(), 60);
    await change(world, { state: 'acked', updatedAtMs: world.now() });
    expect(await attempt(world, letter(), 60)).toEqual({ plan: { action: 'finish', state: 'acked' }, done: true });
  });

  test('with a new time to live, when the one that it gave is over too, brings the document along', async () => {
    const world = aMinuteLater(dead());
    world.pass(600_000);
    world.queue.faults.before = failing('enqueue', 1);
    await expect(attempt(world, letter(), 60)).rejects.toThrow('enqueue failed');
    world.pass(60_000);
    expect((await attempt(world, letter(), 60)).done).toBe(true);
    const { contentHash, timeToLiveSeconds } = world.store.record(key()) ?? {};
    expect(world.queue.queued[0]!.message.time_to_live).toBe(timeToLiveSeconds);
    expect(hash(canonicalContent(world.queue.queued[0]!))).toBe(contentHash);
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
    // onDeadLetter has not come to it
    expect(await planReplay(world, again)).toEqual({ action: 'leave', why: 'notDead', state: 'queued' });
    expect(await settleDead(world, again)).toBe('settled');
    expect((await attempt(world, again)).done).toBe(true);
    expect(world.store.record(key())).toMatchObject({ state: 'queued', replayedToMs: world.now() });
  });
});

test('the dead letter delivered once more after the replay does not end the message', async () => {
  const world = aMinuteLater(dead());
  await attempt(world);
  expect(await settleDead(world, letter())).toBe('replayed');
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
    expect(world.queue.queued).toMatchObject([
      { acceptedAtMs: START_MS, message: { time_to_live: timeToLiveSeconds, message_id: 'm-1' }, repeated: true },
    ]);
    expect(world.store.record(key())).toMatchObject({ timeToLiveSeconds, createdAtMs: START_MS });
  });

  test('is too old when four weeks from its acceptance are not enough', async () => {
    const world = aMinuteLater(dead());
    world.pass(2_419_200_000 - 60_000 - 900_000);
    expect(await planReplay(world, letter(), { newTtlSeconds: 900 })).toMatchObject({
      action: 'queue',
      queued: { message: { time_to_live: 2_419_200 } },
    });
    expect(await planReplay(world, letter(), { newTtlSeconds: 901 })).toEqual({ action: 'leave', why: 'tooOld' });
  });

  test('is not asked of one that has time left', async () => {
    const world = aMinuteLater(dead());
    expect(await planReplay(world, letter(), { newTtlSeconds: 5 })).toMatchObject({
      queued: { message: { time_to_live: 600 } },
    });
  });
});

const BY_US = { relay: true, queue: false };

test('a request in a letter that we did not write is handed in only by force: whoever may publish there could have put it', async () => {
  const world = aMinuteLater();
  const forged = letterOf(Buffer.from('{"to": "T"}'));
  expect(await attempt(world, forged)).toEqual({ plan: { action: 'leave', why: 'strangers' }, done: false });
  expect(world.requests.requests).toEqual([]);
  expect(await planReplay(world, forged, { force: true })).toEqual({ action: 'request' });
});

test.each([
  ['with its sender', { senderId: SENDER }, { sender_id: SENDER }],
  ['without one', {}, {}],
  [
    'with what it came with',
    { senderId: SENDER, attributes: { trace: 't', sender_id: '9' } },
    { trace: 't', sender_id: '9' },
  ],
])('what is no queue message is handed in as a request, byte for byte, %s', async (_, more, attributes) => {
  const world = aMinuteLater(dead());
  const poison = letterOf(Buffer.from('{"to": "T"}'), { reason: 'INVALID_REQUEST', signedBy: BY_US, ...more });
  expect(await attempt(world, poison)).toEqual({ plan: { action: 'request' }, done: true });
  expect(world.requests.requests).toEqual([{ text: '{"to": "T"}', attributes }]);
  expect(world.queue.queued).toEqual([]);
  expect(world.store.record(key())).toEqual(dead());
});

describe('what may go back into a lane', () => {
  const contentHash = hash(canonicalContent(request()));
  const version1 = (): Uint8Array => {
    const { senderId, message } = request();
    return Buffer.from(JSON.stringify({ v: 1, sender_id: senderId, accepted_at: START_MS, message }));
  };
  const signedBy = { relay: true, queue: false };

  test.each([
    ['an envelope that nobody signed', letterOf(encodeQueued(queued()), { signedBy }), contentHash, 'notSigned'],
    [
      'the same, where nothing is known of the content',
      letterOf(encodeQueued(queued()), { signedBy }),
      undefined,
      'notSigned',
    ],
    [
      'an envelope that we signed, of another message under that id',
      letter({ data: { a: '2' } }),
      contentHash,
      'otherMessage',
    ],
    ['version 1 with another content', letterOf(version1(), { signedBy }), 'another', 'notSigned'],
    ['version 1 with no content to compare', letterOf(version1(), { signedBy }), undefined, 'notSigned'],
    ['a newer version', letterOf(Buffer.from('{"v":3}')), contentHash, 'newer'],
    ['nothing at all', letterOf(Buffer.alloc(0)), contentHash, 'empty'],
  ])('not %s', async (_, one, stands, why) => {
    const standing = dead(stands === undefined ? {} : { contentHash: stands });
    const world = aMinuteLater(standing);
    expect(await attempt(world, one)).toEqual({ plan: { action: 'leave', why }, done: false });
    expect(world.queue.queued).toEqual([]);
    expect(world.requests.requests).toEqual([]);
    expect(world.store.record(key())).toEqual(record(standing));
  });

  test('version 1, where the document has its content', async () => {
    const world = aMinuteLater(dead({ contentHash }));
    expect((await attempt(world, letterOf(version1(), { signedBy }))).done).toBe(true);
  });

  test('what came without data, with what it came with', async () => {
    const world = aMinuteLater();
    expect(
      (await attempt(world, letterOf(Buffer.alloc(0), { attributes: { sender_id: SENDER }, signedBy: BY_US }))).done,
    ).toBe(true);
    expect(world.requests.requests).toEqual([{ text: '', attributes: { sender_id: SENDER } }]);
  });

  test('what a worker without the key dead-lettered: its document still waits, and is not opened', async () => {
    const world = aMinuteLater({ contentHash });
    const buried = letterOf(encodeQueued(queued()), {
      reason: 'QUEUE_NOT_SIGNED',
      signedBy: { relay: true, queue: true },
    });
    expect((await attempt(world, buried)).done).toBe(true);
    expect(world.queue.queued).toEqual([{ ...queued(), repeated: true }]);
    expect(world.store.record(key())).toEqual(record({ contentHash }));
  });

  test('the same with a new time to live: its document gets it too, and keeps its state', async () => {
    const world = aMinuteLater({ contentHash, state: 'sent', attempts: 1 });
    world.pass(3_600_000);
    const buried = letterOf(encodeQueued(queued()), {
      reason: 'QUEUE_NOT_SIGNED',
      signedBy: { relay: true, queue: true },
    });
    expect((await attempt(world, buried, 900)).done).toBe(true);
    const [again] = world.queue.queued;
    expect(world.store.record(key())).toMatchObject({ state: 'sent', contentHash: hash(canonicalContent(again!)) });
  });

  test('with a new time to live, its document has the new content, which the worker compares', async () => {
    const world = aMinuteLater(dead({ contentHash }));
    world.pass(3_600_000);
    expect((await attempt(world, letter(), 900)).done).toBe(true);
    const [again] = world.queue.queued;
    expect(world.store.record(key())?.contentHash).toBe(hash(canonicalContent(again!)));
  });
});

test.each(['read', 'update'])('a store that fails at %s queues nothing', async (call) => {
  const world = aMinuteLater(dead());
  world.store.faults.before = failing(call);
  await expect(attempt(world)).rejects.toThrow(`${call} failed`);
  expect(world.queue.queued).toEqual([]);
});
