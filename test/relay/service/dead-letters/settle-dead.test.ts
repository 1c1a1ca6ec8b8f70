import { REQUEST_REASONS } from '../../../../relay/service/requests/accept-published.ts';
import { settleDead, type PublishedDeadLetter } from '../../../../relay/service/dead-letters/settle-dead.ts';
import { MESSAGE_STATES } from '../../../../relay/model/record.ts';
import { keyedHash } from '../../../../relay/model/token-hash.ts';
import { canonicalContent } from '../../../../relay/protocol/legacy/content.ts';
import type { DownstreamMessage } from '../../../../relay/protocol/legacy/message.ts';
import { encodeQueued } from '../../../../relay/protocol/queue/queued.ts';
import { change, failing, hash, key, onFirst, record, request, SENDER, START_MS, World } from '../service-world.ts';

/** What a worker of ours dead-lettered. */
const DEAD: PublishedDeadLetter = {
  payload: Buffer.from('{}'),
  reason: 'INVALID_MESSAGE',
  detail: 'free text: dKfj3kLm_Qo:APA91bH',
  origin: 'lane',
  messageId: 'm-1',
  senderId: SENDER,
  publishedAtMs: START_MS,
  signedBy: { relay: true, queue: false },
};
const SENTENCE = 'the queue message was unusable; its dead letter says why';

/** What Pub/Sub gave up. */
const givenUp = (payload: Uint8Array, queue: boolean): PublishedDeadLetter => ({
  ...DEAD,
  payload,
  reason: 'MAX_DELIVERY_ATTEMPTS',
  signedBy: { relay: false, queue },
});
const envelope = (message: Partial<DownstreamMessage> = {}): Buffer =>
  encodeQueued({ ...request(message), acceptedAtMs: START_MS });
const version1 = (): Buffer => {
  const { senderId, message } = request();
  return Buffer.from(JSON.stringify({ v: 1, sender_id: senderId, accepted_at: START_MS, message }));
};
const contentHash = hash(canonicalContent(request()));

test.each([
  ['queued', 'dead'],
  ['sent', 'unknown'],
] as const)('a %s message that is dead-lettered is %s, with the reason, and that is told', async (state, end) => {
  const world = new World();
  world.store.put(key(), record({ state, owner: 'key:shop' }));
  expect(await settleDead(world, DEAD)).toBe('settled');
  expect(world.store.record(key())).toMatchObject({
    state: end,
    error: DEAD.reason,
    errorDescription: SENTENCE,
    settledAtMs: START_MS,
  });
  expect(world.events.events).toMatchObject([
    {
      id: `1234567890/m-1/${end}`,
      type: `fcm.message.${end}`,
      owner: 'key:shop',
      data: { error: DEAD.reason, error_description: SENTENCE },
    },
  ]);
  expect(await settleDead(world, DEAD)).toBe('repeated');
});

describe('who vouches for a letter', () => {
  test.each([
    ['ours, signed', DEAD, 'settled'],
    ['ours, with a forged mac', { ...DEAD, signedBy: { relay: false, queue: false } }, 'notSigned'],
    ["Pub/Sub's, of an envelope that we signed", givenUp(envelope(), true), 'settled'],
    ["Pub/Sub's, of an envelope that nobody signed", givenUp(envelope(), false), 'notSigned'],
    [
      "Pub/Sub's, of an envelope that we signed for another message under that id",
      givenUp(envelope({ data: { a: '2' } }), true),
      'noMessage',
    ],
    ["Pub/Sub's, of version 1, with the content of the document", givenUp(version1(), false), 'settled'],
    ["Pub/Sub's, of what is no envelope", givenUp(Buffer.from('{"to":"T"}'), false), 'notSigned'],
    ["Pub/Sub's, of what is no envelope and yet signed", givenUp(Buffer.from('{"to":"T"}'), true), 'notSigned'],
  ] as const)('%s', async (_, dead, outcome) => {
    const world = new World();
    world.store.put(key(), record({ contentHash }));
    expect(await settleDead(world, dead)).toBe(outcome);
    expect(world.store.record(key())?.state).toBe(outcome === 'settled' ? 'dead' : 'queued');
    expect(world.events.events).toHaveLength(outcome === 'settled' ? 1 : 0);
  });

  test.each([
    ['another content', 'another'],
    ['no content', undefined],
  ])('a letter of version 1 ends no message with %s', async (_, other) => {
    const world = new World();
    world.store.put(key(), record(other === undefined ? {} : { contentHash: other }));
    expect(await settleDead(world, givenUp(version1(), false))).toBe('notSigned');
    expect(world.events.events).toEqual([]);
  });

  test('a document that was written under the key of before is still that of its message', async () => {
    const world = new World();
    world.previousHash = keyedHash('the key of before');
    world.store.put(key(), record({ contentHash: world.previousHash(canonicalContent(request())) }));
    expect(await settleDead(world, givenUp(envelope(), true))).toBe('settled');
  });
});

test('the words of a letter reach neither document nor event', async () => {
  const world = new World();
  world.store.put(key(), record());
  await settleDead(world, DEAD);
  expect(JSON.stringify([world.store.record(key()), world.events.events])).not.toContain('APA91bH');
});

test.each(['dKfj3kLm_Qo:APA91bH', 'toString', '', 'QUEUE_NOT_SIGNED', 'WRONG_SENDER'])(
  'a letter with the reason "%s" ends nothing',
  async (reason) => {
    const world = new World();
    world.store.put(key(), record());
    expect(await settleDead(world, { ...DEAD, reason })).toBe('noMessage');
    expect(world.store.record(key())).toEqual(record());
  },
);

test('a letter of a sender that is not served ends nothing', async () => {
  const world = new World();
  world.store.put({ senderId: '5', messageId: 'm-1' }, record());
  expect(await settleDead(world, { ...DEAD, senderId: '5' })).toBe('noMessage');
});

test('the letter delivered again changes nothing, and tells the same again', async () => {
  const world = new World();
  world.store.put(key(), record());
  await settleDead(world, DEAD);
  const settled = world.store.record(key());
  expect(await settleDead(world, DEAD)).toBe('repeated');
  expect(world.store.record(key())).toEqual(settled);
  expect(world.events.events[1]).toEqual(world.events.events[0]);
});

test.each(MESSAGE_STATES.filter((state) => !['queued', 'sent', 'dead'].includes(state)))(
  'a message that is %s stays so',
  async (state) => {
    const world = new World();
    world.store.put(key(), record({ state }));
    expect(await settleDead(world, DEAD)).toBe('left');
    expect(world.store.record(key())?.state).toBe(state);
  },
);

test('a letter without an id, or for an unknown message, settles nothing', async () => {
  const world = new World();
  const { payload, reason, detail, origin, publishedAtMs, signedBy } = DEAD;
  expect(await settleDead(world, { payload, reason, detail, origin, publishedAtMs, signedBy })).toBe('noMessage');
  expect(await settleDead(world, DEAD)).toBe('noMessage');
  expect(world.store.size).toBe(0);
});

test.each([...REQUEST_REASONS, 'MESSAGE_ID_CONFLICT'])(
  'a request that was refused as %s does not settle the message that has its id',
  async (reason) => {
    const world = new World();
    world.store.put(key(), record());
    expect(await settleDead(world, { ...DEAD, reason })).toBe('noMessage');
    expect(world.store.record(key())).toEqual(record());
  },
);

test.each(['queued', 'sent'] as const)(
  'a letter that was replayed is not believed again: the message is %s',
  async (state) => {
    const world = new World();
    world.store.put(key(), record({ state, replayedToMs: START_MS }));
    expect(await settleDead(world, DEAD)).toBe('replayed');
    expect(world.store.record(key())?.state).toBe(state);
    expect(world.events.events).toEqual([]);
  },
);

test('a message that was replayed and is dead-lettered again is dead again', async () => {
  const world = new World();
  world.store.put(key(), record({ replayedToMs: START_MS }));
  expect(await settleDead(world, { ...DEAD, publishedAtMs: START_MS + 1 })).toBe('settled');
});

test('a message that a worker writes meanwhile is looked at anew', async () => {
  const world = new World();
  world.store.put(key(), record());
  world.store.faults.before = onFirst('update', () => change(world, { state: 'acked', updatedAtMs: START_MS }));
  expect(await settleDead(world, DEAD)).toBe('left');
});

test('a message that keeps changing, and a store that fails, ask for the letter again', async () => {
  const world = new World();
  world.store.put(key(), record());
  let inside = false;
  let rounds = 0;
  world.store.faults.before = async (call) => {
    if (call !== 'update' || inside) return;
    inside = true;
    rounds += 1;
    await change(world, { attempts: 1, updatedAtMs: START_MS });
    inside = false;
  };
  await expect(settleDead(world, DEAD)).rejects.toThrow('kept changing');
  expect(rounds).toBe(8);
  world.store.faults.before = failing('read');
  await expect(settleDead(world, DEAD)).rejects.toThrow('read failed');
});
