import type { RequestTopic } from '../../model/ports.ts';
import type { Publisher } from './publisher.ts';
import type { TopicNames } from './topology.ts';

/** `fcm-downstream-requests`, as any publisher uses it. */
export const pubSubRequests = (publisher: Publisher, names: TopicNames): RequestTopic => ({
  submit: (request, attributes) => {
    const data = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
    return publisher.publish(names.requests, { data, attributes });
  },
});
