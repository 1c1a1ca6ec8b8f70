import type { Message, PubSub } from '@google-cloud/pubsub';

/** Reads `count` messages of a subscription by the library, as any consumer would, and acks them. */
export async function receive(
  pubsub: PubSub,
  subscriptionName: string,
  count: number,
  withinMs = 20_000,
): Promise<Message[]> {
  const subscription = pubsub.subscription(subscriptionName);
  const messages: Message[] = [];
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${messages.length} of ${count} messages within ${withinMs} ms`)),
      withinMs,
    );
    subscription.on('error', reject);
    subscription.on('message', (message) => {
      messages.push(message);
      message.ack();
      if (messages.length >= count) resolve();
    });
  }).finally(() => clearTimeout(timer));
  await subscription.close();
  return messages;
}

/** A subscription of our own on each topic, made before anything is published; answers with its name. */
export async function subscribed(pubsub: PubSub, topic: string): Promise<string> {
  await pubsub.createTopic(topic);
  await pubsub.topic(topic).createSubscription(`${topic}-test`);
  return `${topic}-test`;
}
