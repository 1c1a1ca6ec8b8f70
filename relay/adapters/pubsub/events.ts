import { topicOf, type RelayEvent } from '../../model/event.ts';
import type { EventPublisher } from '../../model/ports.ts';
import { attributeId, attributeText } from './attribute.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/**
 * CloudEvents 1.0, Pub/Sub protocol binding, binary mode:
 * https://github.com/googleapis/google-cloudevents/blob/main/docs/spec/pubsub.md
 */
export class PubSubEventPublisher implements EventPublisher {
  readonly #publisher: Publisher;
  readonly #names: TopicNames;

  constructor(publisher: Publisher, names: TopicNames) {
    this.#publisher = publisher;
    this.#names = names;
  }

  publish(event: RelayEvent): Promise<void> {
    const topic = topicOf(event) === 'fcm-upstream' ? this.#names.upstream : this.#names.deliveryEvents;
    const { json, omitted } = dataOf(event);
    return this.#publisher.publish(topic, {
      data: Buffer.from(json),
      attributes: {
        'ce-specversion': '1.0',
        'ce-id': attributeId(event.id),
        'ce-type': event.type,
        'ce-source': `//fcm-relay/senders/${event.senderId}`,
        'ce-time': new Date(event.timeMs).toISOString(),
        ...(event.owner !== undefined && { 'ce-owner': attributeText(event.owner) }),
        ...(omitted ? { 'ce-dataomitted': 'true' } : {}),
        'content-type': 'application/json',
      },
    });
  }
}

/**
 * What a device sent may be nested deeper than JSON.stringify can follow. Such data is left out and marked: the event
 * must come out, for an upstream message that is never acked comes back for ever.
 */
function dataOf({ data }: RelayEvent): { readonly json: string; readonly omitted: boolean } {
  try {
    return { json: JSON.stringify(data), omitted: false };
  } catch {
    return { json: JSON.stringify({ ...data, data: null }), omitted: true };
  }
}
