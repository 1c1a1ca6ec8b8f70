import { queueSigner } from '../../relay/model/signer.ts';
import { parseDownstream } from '../../relay/protocol/legacy/parse-downstream.ts';
import { encodeQueued, QUEUE_VERSION } from '../../relay/protocol/queue/queued.ts';
import { HASH_KEY, Rig } from '../../dev/stack/rig/rig.ts';
import { until } from '../../dev/stack/until.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ idle: true });
}, 60_000);
afterAll(() => rig.close(), 30_000);

const signer = queueSigner({ current: HASH_KEY });

/** 50 messages that our functions would never queue. The signed ones get as far as being parsed. */
function poison(senderId: string): { reason: string; data: Buffer; signed?: false }[] {
  const envelope = (change: object): Buffer =>
    Buffer.from(
      JSON.stringify({
        v: QUEUE_VERSION,
        sender_id: senderId,
        accepted_at: 1,
        message: { message_id: 'x', to: 'a-device-token', priority: 'normal', time_to_live: 1 },
        ...change,
      }),
    );
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const kinds = [
    { reason: 'NOT_JSON', data: Buffer.from('not json') },
    { reason: 'NOT_JSON', data: Buffer.from([0xff, 0xfe, 0x00]) },
    { reason: 'NOT_JSON', data: Buffer.from('{"v":1') },
    { reason: 'INVALID_MESSAGE', data: Buffer.from('[]') },
    { reason: 'INVALID_MESSAGE', data: Buffer.from(deep) },
    { reason: 'QUEUE_NOT_SIGNED', data: envelope({}), signed: false as const },
    { reason: 'INVALID_MESSAGE', data: envelope({ message: { to: 'no-message-id' } }) },
    { reason: 'INVALID_MESSAGE', data: envelope({ accepted_at: 'yesterday' }) },
    { reason: 'WRONG_SENDER', data: envelope({ sender_id: '42' }) },
  ];
  const many = Array.from({ length: 49 }, (_, n) => kinds[n % kinds.length]).filter((kind) => kind !== undefined);
  return [...many, { reason: 'TOO_LARGE', data: Buffer.alloc(9_000_000, 'a') }];
}

test('50 poisoned messages are dead-lettered with a reason, payload intact, while good ones keep flowing', async () => {
  const bad = poison(rig.senderId);
  const lane = rig.pubsub.topic(rig.names.lane(rig.senderId, 'normal'));
  await Promise.all(
    bad.map(({ data, signed }) =>
      lane.publishMessage({ data, attributes: signed === false ? {} : { mac: signer.sign(data) } }),
    ),
  );
  const ids = await rig.accept(Array.from({ length: 500 }, (_, n) => ({ to: `device-token-${n}`, data: { n } })));
  await rig.startWorker();

  expect((await rig.settled(ids)).every(({ state, attempts }) => state === 'acked' && attempts === 1)).toBe(true);
  await until(() => rig.events.dead.length >= bad.length, {
    withinMs: 30_000,
    what: () => `${rig.events.dead.length} of ${bad.length} dead letters`,
  });
  const seen = rig.events.dead
    .map(
      ({ data, attributes }) =>
        `${attributes['reason'] ?? ''} ${data.length} ${data.subarray(0, 200).toString('base64')}`,
    )
    .sort();
  expect(seen).toEqual(
    bad.map(({ reason, data }) => `${reason} ${data.length} ${data.subarray(0, 200).toString('base64')}`).sort(),
  );
  expect(
    rig.events.dead.every(
      ({ attributes }) => attributes['origin'] === rig.names.laneSubscription(rig.senderId, 'normal'),
    ),
  ).toBe(true);
}, 120_000);

test('a message that outlives its time to live in the queue expires, and is never sent', async () => {
  await rig.worker.stop();
  const [short = '', long = ''] = await rig.accept([
    { to: 'a-device-token', time_to_live: 1 },
    { to: 'a-device-token', time_to_live: 600 },
  ]);
  await until(async () => Date.now() > ((await rig.record(short))?.createdAtMs ?? Infinity) + 1_000, {
    withinMs: 10_000,
    what: () => 'time stands still',
  });
  await rig.startWorker();
  const [expired, acked] = await rig.settled([short, long]);
  expect(expired).toMatchObject({ state: 'expired', attempts: 0 });
  expect(acked).toMatchObject({ state: 'acked' });
  expect((await rig.ccs.control.messageCounts())[short]).toBeUndefined();
  const [sent] = await rig.ccs.control.messages({ messageId: long });
  const told = (JSON.parse(sent?.json ?? '{}') as { time_to_live: number }).time_to_live;
  expect(told).toBeLessThanOrEqual(600); // the rest of its time to live
  expect(told).toBeGreaterThan(500);
  await rig.events.waitFor('fcm.message.expired', 1);
}, 60_000);

/** Queues the same once more, unmarked, as Pub/Sub would repeat it. */
async function again(id: string, change: object = {}): Promise<void> {
  const request = { to: 'a-device-token', data: { a: 'b' }, message_id: id, ...change };
  const parsed = parseDownstream(request, { senders: [rig.senderId], newMessageId: () => '' });
  if (!parsed.ok) throw new Error("a test's own request is bad");
  const data = encodeQueued({ ...parsed.value, acceptedAtMs: Date.now(), owner: 'test' });
  await rig.pubsub
    .topic(rig.names.lane(rig.senderId, 'normal'))
    .publishMessage({ data, attributes: { mac: signer.sign(data) } });
}

test('a message that is queued twice is sent once', async () => {
  const [id = ''] = await rig.accept([{ to: 'a-device-token', data: { a: 'b' } }]);
  await rig.settled([id]);
  await again(id);
  await until(async () => (await rig.worker.metric('relay_known_before_total{state="acked"}')) === 1, {
    withinMs: 30_000,
    what: () => 'the copy was not recognised',
  });
  expect((await rig.ccs.control.messageCounts())[id]).toEqual({ received: 1, acked: 1 });
}, 60_000);

test('a signed message under the id of another one is nacked by its own event; the other is unaffected', async () => {
  const [id = ''] = await rig.accept([{ to: 'a-device-token', data: { a: 'b' } }]);
  const [before] = await rig.settled([id]);
  await again(id, { data: { a: 'c' } });
  const [event] = await rig.events.waitFor('fcm.message.nacked', 1);
  expect(event).toMatchObject({
    attributes: { 'ce-owner': 'test' },
    data: { message_id: id, error: 'MESSAGE_ID_CONFLICT' },
  });
  expect(await rig.record(id)).toEqual(before);
  expect((await rig.ccs.control.messageCounts())[id]).toEqual({ received: 1, acked: 1 });
}, 60_000);
