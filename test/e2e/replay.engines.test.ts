import { openPubSub } from '../../relay/adapters/pubsub/client.ts';
import { deadLetterKeep } from '../../relay/adapters/pubsub/dead-letter-keep.ts';
import { pubSubQueue } from '../../relay/adapters/pubsub/queue.ts';
import { pubSubRequests } from '../../relay/adapters/pubsub/requests.ts';
import { deadLetterSigner, queueSigner } from '../../relay/model/signer.ts';
import { hashesOf } from '../../relay/model/token-hash.ts';
import { planReplay, replay } from '../../relay/service/dead-letters/replay.ts';
import { receive } from '../contract/received.ts';
import { engines } from '../../dev/stack/engines.ts';
import { HASH_KEY, Rig } from '../../dev/stack/rig/rig.ts';

const KEYS = { current: HASH_KEY };
const signers = { queue: queueSigner(KEYS), letter: deadLetterSigner(KEYS) };
let rig: Rig;
const client = openPubSub({ projectId: engines().projectId });
beforeAll(async () => {
  rig = await Rig.start({ idle: true });
}, 60_000);
afterAll(async () => {
  await client.close();
  await rig.close();
}, 30_000);

/** Dead-letters the messages as Pub/Sub does, and settles them as onDeadLetter does. */
async function giveUp(messageIds: readonly string[], attempts: number): Promise<void> {
  const given = await receive(client.pubsub, rig.names.laneSubscription(rig.senderId, 'normal'), messageIds.length);
  await Promise.all(
    given.map(({ data, attributes }) => client.publisher.publish(rig.names.dead, { data, attributes })),
  );
  await Promise.all(
    messageIds.map(async (messageId) => {
      const key = { senderId: rig.senderId, messageId };
      const stored = await rig.messages.read(key);
      const atMs = Date.now();
      if (stored !== undefined)
        await rig.messages.update(key, stored.version, {
          state: 'dead',
          attempts,
          error: 'MAX_DELIVERY_ATTEMPTS',
          settledAtMs: atMs,
          updatedAtMs: atMs,
        });
    }),
  );
}

test('a replayed message is sent under its id, and replaying a copy of its letter sends nothing', async () => {
  const requests = (count: number, name: string) =>
    Array.from({ length: count }, (_, n) => ({ message_id: `${name}-${n}`, to: `device-${name}-${n}`, data: { n } }));
  const never = await rig.accept(requests(20, 'never-sent'));
  await giveUp(never, 0);
  const before = await rig.accept(requests(5, 'sent-before'));
  await giveUp(before, 100);

  const ports = {
    store: rig.messages,
    queue: pubSubQueue(client.publisher, rig.names, signers.queue),
    requests: pubSubRequests(client.publisher, rig.names),
    now: Date.now,
    random: Math.random,
    ...hashesOf(KEYS),
  };
  const all = new Set<boolean>();
  const keep = deadLetterKeep(client.pubsub, rig.names, signers);
  await keep.visit(async (letter) => {
    const done = await replay(ports, letter, await planReplay(ports, letter));
    all.add(done);
    if (done)
      await client.publisher.publish(rig.names.dead, {
        data: Buffer.from(letter.payload),
        attributes: { mac: signers.queue.sign(letter.payload) },
      }); // a copy of the letter
    return done ? 'done' : 'keep';
  });
  expect([...all].sort()).toEqual([false, true]); // each letter is replayed once, each copy is left

  await rig.startWorker();
  const ids = [...never, ...before];
  const records = await rig.settled(ids, 60_000);
  expect(records.map(({ state, attempts }) => [state, attempts])).toEqual([
    ...never.map(() => ['acked', 1]),
    ...before.map(() => ['acked', 101]),
  ]);
  expect(records.every((record) => record.error === undefined)).toBe(true);
  const counts = await rig.ccs.control.messageCounts();
  expect(ids.map((id) => counts[id])).toEqual(ids.map(() => ({ received: 1, acked: 1 })));

  const left: unknown[] = [];
  await keep.visit(async (letter) => {
    left.push(await planReplay(ports, letter));
    return 'done';
  });
  expect(left).toEqual(ids.map(() => ({ action: 'leave', why: 'notDead', state: 'acked' })));
}, 120_000);
