import { PubSub, v1 } from '@google-cloud/pubsub';
import { setTimeout as wait } from 'node:timers/promises';
import { TurnError } from './side-process.ts';

const AT_ONCE = 4;
const MAX_MESSAGES = 1_000; // Pub/Sub's limit for one answer
const EMPTY_LIMIT = 20; // empty answers in a row: nothing more is coming
const LOOK_EVERY_MS = 50;

export interface Wanted {
  readonly projectId: string;
  /** It existed before the first message was published, and has no other consumer. */
  readonly subscription: string;
  /** The attribute that identifies a message. */
  readonly attribute: string;
  readonly messages: number;
}

/** Empties the subscription. @throws TurnError unless each of this many messages was published once */
export async function verifyPublished({ projectId, subscription, attribute, messages }: Wanted): Promise<void> {
  const pubsub = new PubSub({ projectId });
  const client = new v1.SubscriberClient(
    (await pubsub.getClientConfig()) as ConstructorParameters<typeof v1.SubscriberClient>[0],
  );
  const ids = new Map<string, string>(); // by Pub/Sub's own id: a redelivery does not count
  const name = `projects/${projectId}/subscriptions/${subscription}`;
  const pull = async (): Promise<void> => {
    for (let empty = 0; empty < EMPTY_LIMIT && ids.size < messages;) {
      empty =
        (await pullSome(client, name, (id, attributes) => ids.set(id, attributes[attribute] ?? ''))) > 0
          ? 0
          : empty + 1;
      if (empty > 0) await wait(LOOK_EVERY_MS);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, pull));
  // an extra one would come now
  await pullSome(client, name, (id, attributes) => ids.set(id, attributes[attribute] ?? ''));
  await client.close();
  await pubsub.close();
  onceEach([...ids.values()], messages);
}

async function pullSome(
  client: InstanceType<typeof v1.SubscriberClient>,
  subscription: string,
  take: (id: string, attributes: Readonly<Record<string, string>>) => void,
): Promise<number> {
  const [{ receivedMessages }] = await client.pull({
    subscription,
    maxMessages: MAX_MESSAGES,
    returnImmediately: true,
  });
  const received = receivedMessages ?? [];
  for (const { message } of received) take(message?.messageId ?? '', message?.attributes ?? {});
  if (received.length > 0) await client.acknowledge({ subscription, ackIds: received.map(({ ackId }) => ackId ?? '') });
  return received.length;
}

/** @throws TurnError */
export function onceEach(ids: readonly string[], messages: number): void {
  const different = new Set(ids).size;
  if (ids.length !== messages || different !== messages)
    throw new TurnError(
      `${messages} messages should have been published once; found ${ids.length}, with ${different} ids`,
    );
}
