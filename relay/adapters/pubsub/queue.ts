import type { DownstreamQueue } from '../../model/ports.ts';
import type { Signer } from '../../model/signer.ts';
import { encodeQueued, QUEUE_VERSION } from '../../protocol/queue/queued.ts';
import { attributeId } from './attribute.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/**
 * `fcm-downstream-S-high` and `-normal`.
 * @param signer queueSigner
 */
export const pubSubQueue = (publisher: Publisher, names: TopicNames, signer: Signer): DownstreamQueue => ({
  enqueue: async (queued) => {
    const { senderId, message } = queued;
    const data = encodeQueued(queued);
    const attributes = {
      message_id: attributeId(message.message_id),
      v: String(QUEUE_VERSION),
      mac: signer.sign(data),
    };
    await publisher.publish(names.lane(senderId, message.priority), { data, attributes });
  },
});
