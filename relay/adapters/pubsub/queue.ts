import type { DownstreamQueue } from '../../model/ports.ts';
import type { Seal } from '../../model/seal.ts';
import { encodeQueued, QUEUE_VERSION, type QueuedMessage } from '../../protocol/queue/queued.ts';
import { attributeId } from './attribute.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/** `fcm-downstream-S-high` and `-normal`. */
export class PubSubDownstreamQueue implements DownstreamQueue {
  readonly #publisher: Publisher;
  readonly #names: TopicNames;
  readonly #seal: Seal;

  /** @param seal queueSeal */
  constructor(publisher: Publisher, names: TopicNames, seal: Seal) {
    this.#publisher = publisher;
    this.#names = names;
    this.#seal = seal;
  }

  async enqueue(queued: QueuedMessage): Promise<void> {
    const { senderId, message } = queued;
    const data = encodeQueued(queued);
    const attributes = {
      message_id: attributeId(message.message_id),
      v: String(QUEUE_VERSION),
      mac: this.#seal.sign(data),
    };
    await this.#publisher.publish(this.#names.lane(senderId, message.priority), { data, attributes });
  }
}
