import { openPubSub } from '../../relay/adapters/pubsub/client.ts';
import { pubSubEvents } from '../../relay/adapters/pubsub/events.ts';
import { topicNames } from '../../relay/adapters/pubsub/topology.ts';
import { topicOf, type RelayEvent } from '../../relay/model/event.ts';
import { engines, namespace } from '../../dev/stack/engines.ts';
import { MemoryEventPublisher } from '../support/memory/event-publisher.ts';
import { eventPublisherContract } from './event-publisher.contract.ts';
import { receive, subscribed } from './received.ts';

eventPublisherContract('in memory', () => {
  const publisher = new MemoryEventPublisher();
  return Promise.resolve({
    publisher,
    received: (topic, count) =>
      Promise.resolve(publisher.events.splice(0, count).filter((event) => topicOf(event) === topic)),
    close: () => Promise.resolve(),
  });
});

eventPublisherContract('Pub/Sub', async () => {
  const client = openPubSub({ projectId: engines().projectId });
  const names = topicNames(namespace().topicPrefix);
  const subscriptions = {
    'fcm-upstream': await subscribed(client.pubsub, names.upstream),
    'fcm-delivery-events': await subscribed(client.pubsub, names.deliveryEvents),
  };
  return {
    publisher: pubSubEvents(client.publisher, names),
    received: async (topic, count) => (await receive(client.pubsub, subscriptions[topic], count)).map(eventOf),
    close: () => client.close(),
  };
});

/** Read by the rules of the binding: binary mode. */
function eventOf({ data, attributes }: { data: Buffer; attributes: Record<string, string> }): RelayEvent {
  expect(attributes).toMatchObject({ 'ce-specversion': '1.0', 'content-type': 'application/json' });
  const senderId = /^\/\/fcm-relay\/senders\/(\d+)$/.exec(attributes['ce-source'] ?? '')?.[1];
  const owner = attributes['ce-owner'];
  const timeMs = Date.parse(attributes['ce-time'] ?? '');
  return {
    type: attributes['ce-type'],
    id: attributes['ce-id'],
    senderId,
    timeMs,
    ...(owner !== undefined && { owner }),
    data: JSON.parse(data.toString()),
  } as RelayEvent;
}
