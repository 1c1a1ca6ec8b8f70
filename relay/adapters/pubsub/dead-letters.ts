import type { DeadLetters } from '../../model/ports.ts';
import type { Signer } from '../../model/signer.ts';
import { letterAttributes, signedBytes } from './dead-letter-attributes.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/**
 * `fcm-downstream-dead`: the payload as it came; reason, origin and signature as attributes.
 * @param signer deadLetterSigner
 */
export const pubSubDeadLetters = (publisher: Publisher, names: TopicNames, signer: Signer): DeadLetters => ({
  put: async (letter) => {
    const { payload } = letter;
    const attributes = letterAttributes(letter);
    const mac = signer.sign(signedBytes(attributes, payload));
    const data = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    await publisher.publish(names.dead, { data, attributes: { ...attributes, mac } });
  },
});
