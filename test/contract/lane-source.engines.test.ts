import { openPubSub } from '../../relay/adapters/pubsub/client.ts';
import { PubSubLaneSource } from '../../relay/adapters/pubsub/pull.ts';
import { engines, namespace } from '../../dev/stack/engines.ts';
import { MemoryLaneSource } from '../support/memory/lane-source.ts';
import { laneSourceContract } from './lane-source.contract.ts';

laneSourceContract('in memory', () => ({
  newLane: (maxMessages) => {
    const lane = new MemoryLaneSource(maxMessages);
    const publish = (data: Buffer | string, attributes?: Record<string, string>): Promise<void> => {
      lane.push(data, attributes);
      return Promise.resolve();
    };
    return Promise.resolve({ publish, source: () => lane });
  },
  close: () => Promise.resolve(),
}));

laneSourceContract('Pub/Sub', () => {
  const { projectId } = engines();
  const client = openPubSub({ projectId });
  const { topicPrefix } = namespace();
  let count = 0;
  return {
    newLane: async (maxMessages) => {
      const name = `${topicPrefix}lane-${++count}`;
      await client.pubsub.createTopic(name);
      // makes Pub/Sub count attempts
      const deadLetterPolicy = { deadLetterTopic: `projects/${projectId}/topics/${name}`, maxDeliveryAttempts: 100 };
      await client.pubsub.topic(name).createSubscription(name, { ackDeadlineSeconds: 60, deadLetterPolicy });
      return {
        publish: (data, attributes = {}) => client.publisher.publish(name, { data: Buffer.from(data), attributes }),
        source: () => new PubSubLaneSource(client.pubsub, name, { maxMessages, maxBytes: 50_000_000 }),
      };
    },
    close: () => client.close(),
  };
});
