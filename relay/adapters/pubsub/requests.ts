import type { RequestTopic } from '../../model/ports.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/** `fcm-downstream-requests`, as any publisher uses it. */
export class PubSubRequests implements RequestTopic {
  readonly #publisher: Publisher;
  readonly #names: TopicNames;

  constructor(publisher: Publisher, names: TopicNames) {
    this.#publisher = publisher;
    this.#names = names;
  }

  submit(request: Uint8Array, attributes: Readonly<Record<string, string>>): Promise<void> {
    const data = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
    return this.#publisher.publish(this.#names.requests, { data, attributes });
  }
}
