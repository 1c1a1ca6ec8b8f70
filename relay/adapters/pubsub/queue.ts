import type { DownstreamQueue } from '../../core/ports.ts';
import { encodeQueued, QUEUE_VERSION, type QueuedMessage } from '../../protocol/queued.ts';
import { attributeId } from './attribute.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/** `fcm-downstream-S-high` and `-normal`. */
export class PubSubDownstreamQueue implements DownstreamQueue {
  readonly #publisher: Publisher;
  readonly #names: TopicNames;

  constructor(publisher: Publisher, names: TopicNames) {
    this.#publisher = publisher;
    this.#names = names;
  }

  enqueue(queued: QueuedMessage): Promise<void> {
    const { senderId, message } = queued;
    return this.#publisher.publish(this.#names.lane(senderId, message.priority), {
      data: encodeQueued(queued),
      attributes: { message_id: attributeId(message.message_id), v: String(QUEUE_VERSION) },
    });
  }
}
