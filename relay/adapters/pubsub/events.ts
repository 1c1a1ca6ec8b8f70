import { topicOf, type RelayEvent } from '../../model/event.ts';
import type { EventPublisher } from '../../model/ports.ts';
import { attributeId, attributeText } from './attribute.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/**
 * CloudEvents 1.0, Pub/Sub protocol binding, binary mode:
 * https://github.com/googleapis/google-cloudevents/blob/main/docs/spec/pubsub.md
 */
export const pubSubEvents = (publisher: Publisher, names: TopicNames): EventPublisher => ({
  publish: (event) => {
    const topic = topicOf(event) === 'fcm-upstream' ? names.upstream : names.deliveryEvents;
    const { json, omitted } = dataOf(event);
    return publisher.publish(topic, {
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
  },
});

/**
 * A device may send data nested deeper than JSON.stringify can follow. That data is left out and the event marked:
 * without the event the upstream message would never be acked, and would come back for ever.
 */
function dataOf({ data }: RelayEvent): { readonly json: string; readonly omitted: boolean } {
  try {
    return { json: JSON.stringify(data), omitted: false };
  } catch {
    return { json: JSON.stringify({ ...data, data: null }), omitted: true };
  }
}
