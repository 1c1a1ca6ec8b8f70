import type { KeptDeadLetter } from '../../model/ports.ts';
import type { Seal } from '../../model/seal.ts';
import { isMessageId } from '../../protocol/legacy/message-id.ts';
import { decodeQueued } from '../../protocol/queue/queued.ts';
import { originalAttributes, sealedBytes, type Attributes } from './dead-letter-attributes.ts';
import type { TopicNames } from './topology.ts';

// Put on by Pub/Sub when it gives a message up; the attributes that it was queued with stay:
// https://cloud.google.com/pubsub/docs/dead-letter-topics
const SOURCE = 'CloudPubSubDeadLetterSourceSubscription';
const DELIVERIES = 'CloudPubSubDeadLetterSourceDeliveryCount';

export interface DeadMessage {
  readonly data: Buffer;
  readonly attributes: Attributes;
}

export interface Seals {
  readonly queue: Seal;
  readonly letter: Seal;
}

/** What stands on the dead-letter topic, and who vouches for it: anybody may have put it there. */
export function readDeadLetter(dead: DeadMessage, names: TopicNames, seals: Seals): KeptDeadLetter {
  const { reason } = dead.attributes;
  return reason === undefined ? forwarded(dead, names, seals.queue) : ofTheRelay(dead, reason, seals);
}

/** We say why in attributes. What it was queued with, its `mac` too, stands beside that. */
function ofTheRelay({ data, attributes }: DeadMessage, reason: string, { queue, letter }: Seals): KeptDeadLetter {
  const { detail = '', origin = 'unknown', message_id: messageId, sender_id: senderId, mac } = attributes;
  const originals = originalAttributes(attributes);
  return {
    payload: data,
    reason,
    detail,
    origin,
    ...(isMessageId(messageId) && { messageId }),
    ...(senderId !== undefined && { senderId }),
    ...(originals !== undefined && { attributes: originals }),
    signedBy: {
      relay: letter.holds(sealedBytes(attributes, data), mac),
      queue: queue.holds(data, originals?.['mac']),
    },
  };
}

/** Pub/Sub's own dead-letter policy says what it gave up, not why; the message tells what it is. */
function forwarded({ data, attributes }: DeadMessage, names: TopicNames, queue: Seal): KeptDeadLetter {
  const source = attributes[SOURCE];
  const queued = decodeQueued(data);
  const inside = queued.ok
    ? { senderId: queued.value.senderId, messageId: queued.value.message.message_id }
    : { messageId: queued.messageId };
  const messageId = inside.messageId ?? attributes['message_id'];
  const senderId = inside.senderId ?? (source === undefined ? undefined : names.senderOfLane(source));
  return {
    payload: data,
    reason: 'MAX_DELIVERY_ATTEMPTS',
    detail: `Pub/Sub gave it up after ${attributes[DELIVERIES] ?? 'too many'} deliveries`,
    origin: source ?? 'unknown',
    ...(isMessageId(messageId) && { messageId }),
    ...(senderId !== undefined && { senderId }),
    signedBy: { relay: false, queue: queue.holds(data, attributes['mac']) },
  };
}
