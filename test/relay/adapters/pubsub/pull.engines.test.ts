import { setTimeout as delay } from 'node:timers/promises';
import { openPubSub } from '../../../../relay/adapters/pubsub/client.ts';
import type { PulledMessage } from '../../../../relay/adapters/pubsub/lane-source.ts';
import { PubSubLaneSource } from '../../../../relay/adapters/pubsub/pull.ts';
import { engines, namespace } from '../../../../dev/stack/engines.ts';

const client = openPubSub({ projectId: engines().projectId });
const { topicPrefix } = namespace();
afterAll(() => client.close());

const until = async (true_: () => boolean): Promise<void> => {
  for (let waitedMs = 0; !true_(); waitedMs += 10) {
    if (waitedMs > 12_000) throw new Error('it never came true');
    await delay(10);
  }
};

const publish = (name: string, text: string): Promise<void> =>
  client.publisher.publish(name, { data: Buffer.from(text), attributes: {} });

test('a subscription that is missing is reported, and pulled from as soon as it is there', async () => {
  const name = `${topicPrefix}late`;
  await client.pubsub.createTopic(name);
  const troubles: Error[] = [];
  const source = new PubSubLaneSource(client.pubsub, name, {
    maxMessages: 10,
    maxBytes: 1e6,
    onError: (error) => troubles.push(error),
  });
  const messages: PulledMessage[] = [];
  source.start((message) => messages.push(message));
  await until(() => troubles.length > 0);
  expect(troubles[0]).toMatchObject({ code: 5 });

  await client.pubsub.topic(name).createSubscription(name);
  await publish(name, 'here');
  await until(() => messages.length > 0);
  messages[0]?.ack();
  await source.close();
});

test('a subscription deleted and made again under a held message costs neither the worker nor the next message', async () => {
  const name = `${topicPrefix}remade`;
  await client.pubsub.createTopic(name);
  await client.pubsub.topic(name).createSubscription(name);
  const source = new PubSubLaneSource(client.pubsub, name, { maxMessages: 10, maxBytes: 1e6 });
  const messages: PulledMessage[] = [];
  source.start((message) => messages.push(message));
  await publish(name, 'held');
  await until(() => messages.length === 1);

  await client.pubsub.subscription(name).delete();
  await client.pubsub.topic(name).createSubscription(name);
  const sent = new Set<string>();
  for (let count = 0; messages.length < 2; count += 1) {
    sent.add(`new ${count}`);
    await publish(name, `new ${count}`);
    await delay(200);
  }
  messages[0]?.ack();
  expect(sent).toContain(messages[1]?.data.toString());
  for (const message of messages) message.ack();
  await source.close();
}, 30_000);

test('starting twice is a mistake of ours', async () => {
  const name = `${topicPrefix}twice`;
  await client.pubsub.createTopic(name);
  await client.pubsub.topic(name).createSubscription(name);
  const source = new PubSubLaneSource(client.pubsub, name, { maxMessages: 10, maxBytes: 1e6 });
  source.start(() => undefined);
  expect(() => source.start(() => undefined)).toThrow('already started');
  await source.close();
});
