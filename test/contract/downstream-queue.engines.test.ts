import { openPubSub } from '../../relay/adapters/pubsub/client.ts';
import { pubSubQueue } from '../../relay/adapters/pubsub/queue.ts';
import { queueSigner } from '../../relay/model/signer.ts';
import { topicNames } from '../../relay/adapters/pubsub/topology.ts';
import { decodeQueued, type QueuedMessage } from '../../relay/protocol/queue/queued.ts';
import { engines, namespace } from '../../dev/stack/engines.ts';
import { MemoryDownstreamQueue } from '../support/memory/downstream-queue.ts';
import { downstreamQueueContract } from './downstream-queue.contract.ts';
import { receive, subscribed } from './received.ts';

downstreamQueueContract('in memory', () => {
  const queue = new MemoryDownstreamQueue();
  return Promise.resolve({
    queue,
    senderId: namespace().senderId,
    received: (priority, count) => {
      const lane = queue.queued.filter(({ message }) => message.priority === priority).slice(0, count);
      for (const one of lane) queue.queued.splice(queue.queued.indexOf(one), 1);
      return Promise.resolve(lane);
    },
    close: () => Promise.resolve(),
  });
});

const signer = queueSigner({ current: 'a key for contract tests' });

const decoded = (data: Buffer): QueuedMessage => {
  const result = decodeQueued(data);
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`);
  return result.value;
};

downstreamQueueContract('Pub/Sub', async () => {
  const client = openPubSub({ projectId: engines().projectId });
  const { topicPrefix, senderId } = namespace();
  const names = topicNames(topicPrefix);
  const lanes = {
    high: await subscribed(client.pubsub, names.lane(senderId, 'high')),
    normal: await subscribed(client.pubsub, names.lane(senderId, 'normal')),
  };
  return {
    queue: pubSubQueue(client.publisher, names, signer),
    senderId,
    received: async (priority, count) => {
      const messages = await receive(client.pubsub, lanes[priority], count);
      return messages.map(({ data, attributes }) => {
        const queued = decoded(data);
        expect(attributes).toEqual({ message_id: queued.message.message_id, v: '2', mac: signer.sign(data) });
        return queued;
      });
    },
    close: () => client.close(),
  };
});
