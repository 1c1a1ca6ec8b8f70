import { LANES } from '../relay/adapters/pubsub/topology.ts';
import { settleDead, type Dead } from '../relay/core/intake-dead.ts';
import type { MessageKey } from '../relay/core/ports.ts';
import { isMessageId } from '../relay/protocol/message-id.ts';
import { decodeQueued } from '../relay/protocol/queued.ts';
import { logEvent, logFailure } from './log.ts';
import { readEvent, type PublishedEvent } from './published-event.ts';
import type { Relay } from './relay.ts';

/** A message on the dead-letter topic. Rejects when it is to come again. */
export async function onDeadLetterPublished(relay: Relay, event: unknown): Promise<void> {
  const startMs = performance.now();
  const published = readEvent(event);
  const dead = deadOf(relay, published);
  const outcome = await settleDead(relay, dead).catch((error: unknown) => {
    logFailure('settling a dead letter', error);
    throw error;
  });
  const facts = { message_id: dead.key?.messageId, reason: dead.reason };
  logEvent('onDeadLetter', { outcome, ms: Math.round(performance.now() - startMs), pubsubMessageId: published.pubsubMessageId, facts });
}

// Put on by Pub/Sub when it gives a message up: https://cloud.google.com/pubsub/docs/dead-letter-topics
const SOURCE = 'CloudPubSubDeadLetterSourceSubscription';
const DELIVERIES = 'CloudPubSubDeadLetterSourceDeliveryCount';

/** We say why in attributes; Pub/Sub's own dead-letter policy leaves those that the message was queued with. */
function deadOf(relay: Relay, { data, attributes }: PublishedEvent): Dead {
  const key = keyOf(relay, { data, attributes });
  const { reason, detail = '' } = attributes;
  if (reason !== undefined) return { ...key, reason, detail };
  return { ...key, reason: 'MAX_DELIVERY_ATTEMPTS', detail: `Pub/Sub gave it up after ${attributes[DELIVERIES] ?? 'too many'} deliveries` };
}

function keyOf(relay: Relay, { data, attributes }: Pick<PublishedEvent, 'data' | 'attributes'>): { readonly key?: MessageKey } {
  const queued = decodeQueued(data);
  const ofPayload = queued.ok ? { senderId: queued.value.senderId, messageId: queued.value.message.message_id } : { messageId: queued.messageId };
  const messageId = attributes['message_id'] ?? ofPayload.messageId;
  const senderId = attributes['sender_id'] ?? senderOfLane(relay, attributes[SOURCE]) ?? ofPayload.senderId;
  if (!isMessageId(messageId) || senderId === undefined || !relay.senders.includes(senderId)) return {};
  return { key: { senderId, messageId } };
}

const senderOfLane = ({ senders, topics }: Relay, subscription: string | undefined): string | undefined =>
  senders.find((senderId) => LANES.some((lane) => topics.laneSubscription(senderId, lane) === subscription));
