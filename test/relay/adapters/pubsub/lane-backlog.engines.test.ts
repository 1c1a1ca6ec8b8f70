import { v1 } from '@google-cloud/pubsub';
import { setTimeout as delay } from 'node:timers/promises';
import { openPubSub } from '../../../../relay/adapters/pubsub/client.ts';
import { pubSubLaneBacklog } from '../../../../relay/adapters/pubsub/lane-backlog.ts';
import { provision } from '../../../../relay/adapters/pubsub/provision.ts';
import { topicNames, topology } from '../../../../relay/adapters/pubsub/topology.ts';
import { engines, namespace } from '../../../../dev/stack/engines.ts';

const { senderId, topicPrefix } = namespace();
const { projectId } = engines();
const names = topicNames(topicPrefix);
const client = openPubSub({ projectId });
const backlog = pubSubLaneBacklog(client.pubsub, names);
const subscriber = new v1.SubscriberClient(
  (await client.pubsub.getClientConfig()) as ConstructorParameters<typeof v1.SubscriberClient>[0],
);
const subscription = `projects/${projectId}/subscriptions/${names.laneSubscription(senderId, 'normal')}`;
const NEAR_MS = 900; // between two clocks' readings on a busy machine; the messages are further apart

beforeAll(() => provision(client.pubsub, topology([senderId], topicPrefix)));
afterAll(async () => {
  await subscriber.close();
  await client.close();
});

const oldest = async (): Promise<number> => (await backlog.oldestAtMs(senderId, 'normal')) ?? Number.NaN;
const publish = (text: string): Promise<void> =>
  client.publisher.publish(names.lane(senderId, 'normal'), { data: Buffer.from(text), attributes: {} });
async function pullOne(): Promise<{ readonly ackId: string; readonly publishedAtMs: number }> {
  for (;;) {
    const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 1, returnImmediately: true });
    const [received] = receivedMessages ?? [];
    const { seconds, nanos } = received?.message?.publishTime ?? {};
    if (received?.ackId) return { ackId: received.ackId, publishedAtMs: Number(seconds) * 1_000 + Number(nanos) / 1e6 };
  }
}

test('an empty lane says now', async () => {
  const before = Date.now();
  expect(await oldest()).toBeGreaterThan(before - NEAR_MS);
});

// Not tried: a message that rests after a nack. The service counts it, as it is un-acked; the emulator does not (seen
// 2026-11).
test('the oldest message counts while it waits and while a worker holds it, until it is acked', async () => {
  await publish('first');
  await delay(2_000);
  const between = Date.now();
  await publish('second');
  await delay(2_000);
  expect(await oldest()).toBeLessThan(between - 1_000);

  const first = await pullOne();
  expect(Math.abs((await oldest()) - first.publishedAtMs)).toBeLessThan(NEAR_MS);
  await subscriber.acknowledge({ subscription, ackIds: [first.ackId] });
  expect(await oldest()).toBeGreaterThan(between - NEAR_MS);
});

test('no snapshot is left, and one that a dead sweep left is no hindrance', async () => {
  const left = `${names.laneSubscription(senderId, 'high')}-sweep`;
  await client.pubsub.subscription(names.laneSubscription(senderId, 'high')).createSnapshot(left);
  expect(await backlog.oldestAtMs(senderId, 'high')).toBeGreaterThan(Date.now() - 60_000);
  const [snapshots] = await client.pubsub.getSnapshots();
  expect(snapshots.map(({ name }) => name).filter((name) => name.includes(topicPrefix))).toEqual([]);
});

test('a lane that does not exist is an error, not an empty one', async () => {
  await expect(backlog.oldestAtMs('99', 'high')).rejects.toMatchObject({ code: 5 });
});
