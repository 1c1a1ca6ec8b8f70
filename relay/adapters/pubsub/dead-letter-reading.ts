import type { ReceivedDeadLetter } from '../../model/ports.ts';
import type { Signer } from '../../model/signer.ts';
import { isMessageId } from '../../protocol/legacy/message-id.ts';
import { decodeQueued } from '../../protocol/queue/queued.ts';
import { originalAttributes, signedBytes, type Attributes } from './dead-letter-attributes.ts';
import type { TopicNames } from './topology.ts';

// Pub/Sub adds these when it gives a message up, and keeps the message's attributes:
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

/** Reads a message of the dead-letter topic, and checks who signed it: anyone may have put it there. */
export function readDeadLetter(dead: DeadMessage, names: TopicNames, signers: Signers): ReceivedDeadLetter {
  const { reason } = dead.attributes;
  return reason === undefined ? forwarded(dead, names, signers.queue) : ofTheRelay(dead, reason, signers);
}

/** A letter of ours: it states the reason in attributes, beside the message's own, its `mac` included. */
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

/** Forwarded by Pub/Sub's dead-letter policy, which does not say why. The message itself says what it is. */
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
    detail: `Pub/Sub gave up after ${attributes[DELIVERIES] ?? 'too many'} delivery attempts`,
    origin: source ?? 'unknown',
    ...(isMessageId(messageId) && { messageId }),
    ...(senderId !== undefined && { senderId }),
    signedBy: { relay: false, queue: queue.verify(data, attributes['mac']) },
  };
}
