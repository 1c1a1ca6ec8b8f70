import type { DeadLetter, DeadLetters } from '../../core/ports.ts';
import { attributeId, attributeText } from './attribute.ts';
import { cutUtf8 } from './cut-utf8.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

const MAX_MESSAGE_BYTES = 10_000_000; // Pub/Sub's, data and attributes together
const ENVELOPE_BYTES = 200; // names of the attributes, topic, framing

/** `fcm-downstream-dead`: the payload as it came, and why in attributes. */
export class PubSubDeadLetters implements DeadLetters {
  readonly #publisher: Publisher;
  readonly #names: TopicNames;

  constructor(publisher: Publisher, names: TopicNames) {
    this.#publisher = publisher;
    this.#names = names;
  }

  put({ payload, reason, detail, origin, messageId, senderId }: DeadLetter): Promise<void> {
    const attributes = {
      reason: attributeText(reason),
      origin: attributeText(origin),
      ...(messageId === undefined ? {} : { message_id: attributeId(messageId) }),
      ...(senderId === undefined ? {} : { sender_id: attributeText(senderId) }),
    };
    const taken = payload.length + ENVELOPE_BYTES + Buffer.byteLength(Object.values(attributes).join(''));
    return this.#publisher.publish(this.#names.dead, {
      data: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
      // A payload close to the limit leaves less room for words.
      attributes: { ...attributes, detail: cutUtf8(attributeText(detail), Math.max(0, MAX_MESSAGE_BYTES - taken)) },
    });
  }
}
