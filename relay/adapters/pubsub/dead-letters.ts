import type { DeadLetter, DeadLetters } from '../../model/ports.ts';
import type { Seal } from '../../model/seal.ts';
import { letterAttributes, sealedBytes } from './dead-letter-attributes.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/** `fcm-downstream-dead`: the payload as it came, and why in attributes, signed. */
export class PubSubDeadLetters implements DeadLetters {
  readonly #publisher: Publisher;
  readonly #names: TopicNames;
  readonly #seal: Seal;

  /** @param seal letterSeal */
  constructor(publisher: Publisher, names: TopicNames, seal: Seal) {
    this.#publisher = publisher;
    this.#names = names;
    this.#seal = seal;
  }

  async put(letter: DeadLetter): Promise<void> {
    const { payload } = letter;
    const attributes = letterAttributes(letter);
    const mac = this.#seal.sign(sealedBytes(attributes, payload));
    const data = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    await this.#publisher.publish(this.#names.dead, { data, attributes: { ...attributes, mac } });
  }
}
