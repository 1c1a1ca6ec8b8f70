import type { DeadLetter } from '../../core/ports.ts';
import { isMessageId } from '../../protocol/message-id.ts';
import { decodeQueued } from '../../protocol/queued.ts';
import type { TopicNames } from './topology.ts';

// Put on by Pub/Sub when it gives a message up: https://cloud.google.com/pubsub/docs/dead-letter-topics
const SOURCE = 'CloudPubSubDeadLetterSourceSubscription';
const DELIVERIES = 'CloudPubSubDeadLetterSourceDeliveryCount';

export interface DeadMessage {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What stands on the dead-letter topic: we say why in attributes; Pub/Sub's own dead-letter policy leaves those that the message was queued with. */
export function readDeadLetter({ data, attributes }: DeadMessage, names: TopicNames): DeadLetter {
  const { reason, detail = '', origin, message_id: statedId, sender_id: statedSender } = attributes;
  const source = attributes[SOURCE];
  const queued = decodeQueued(data);
  const inside = queued.ok ? { senderId: queued.value.senderId, messageId: queued.value.message.message_id } : { messageId: queued.messageId };
  const messageId = statedId ?? inside.messageId;
  const senderId = statedSender ?? (source === undefined ? undefined : names.senderOfLane(source)) ?? inside.senderId;
  return {
    payload: data,
    ...(reason !== undefined
      ? { reason, detail }
      : { reason: 'MAX_DELIVERY_ATTEMPTS', detail: `Pub/Sub gave it up after ${attributes[DELIVERIES] ?? 'too many'} deliveries` }),
    origin: origin ?? source ?? 'unknown',
    ...(isMessageId(messageId) && { messageId }),
    ...(senderId !== undefined && { senderId }),
  };
}
