import type { ReceivedDeadLetter } from '../../model/ports.ts';
import type { Signer } from '../../model/signer.ts';
import { isMessageId } from '../../protocol/legacy/message-id.ts';
import { decodeQueued } from '../../protocol/queue/queued.ts';
import { originalAttributes, signedBytes, type Attributes } from './dead-letter-attributes.ts';
import type { TopicNames } from './topology.ts';

// Put on by Pub/Sub when it gives a message up; the attributes that it was queued with stay:
// https://cloud.google.com/pubsub/docs/dead-letter-topics
const SOURCE = 'CloudPubSubDeadLetterSourceSubscription';
const DELIVERIES = 'CloudPubSubDeadLetterSourceDeliveryCount';

export interface DeadMessage {
  readonly data: Buffer;
  readonly attributes: Attributes;
}

export interface Signers {
  readonly queue: Signer;
  readonly letter: Signer;
}

/** What stands on the dead-letter topic, and who vouches for it: anybody may have put it there. */
export function readDeadLetter(dead: DeadMessage, names: TopicNames, signers: Signers): ReceivedDeadLetter {
  const { reason } = dead.attributes;
  return reason === undefined ? forwarded(dead, names, signers.queue) : ofTheRelay(dead, reason, signers);
}

/** We say why in attributes. What it was queued with, its `mac` too, stands beside that. */
function ofTheRelay({ data, attributes }: DeadMessage, reason: string, { queue, letter }: Signers): ReceivedDeadLetter {
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
      relay: letter.verify(signedBytes(attributes, data), mac),
      queue: queue.verify(data, originals?.['mac']),
    },
  };
}

/** Pub/Sub's own dead-letter policy says what it gave up, not why; the message tells what it is. */
function forwarded({ data, attributes }: DeadMessage, names: TopicNames, queue: Signer): ReceivedDeadLetter {
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
    signedBy: { relay: false, queue: queue.verify(data, attributes['mac']) },
  };
}
