import type { Topology } from '../../../relay/adapters/pubsub/topology.ts';

/**
 * Subscriptions without their retry policy: what is handed back comes back at once. For the Pub/Sub emulator 0.8.20
 * only, in runs that hold messages for long or kill their holders:
 *
 * - It pushes into a stream whatever fits its buffers, beyond the limit that the client asked for, which the service
 *   does not. What is not read for 30 s loses its lease, and under a retry policy it comes back in portions of 300,
 *   seconds apart: a worker that had held 1 000 of 10 000 messages for a minute then got 80 a second. Without the
 *   policy it got all of them within 3 s, some of them twice.
 * - Of the messages whose lease has run out a second time it redelivers only a part: 12 to 31 of 200 within 180 s,
 *   against all 200 within 30 s without the policy. So a second kill would look like a loss.
 */
export const withoutRetryPolicy = ({ topics, subscriptions }: Topology): Topology => ({
  topics,
  subscriptions: subscriptions.map(({ name, topic, ackDeadlineSeconds, retentionSeconds, deadLetter }) => ({
    name,
    topic,
    ackDeadlineSeconds,
    retentionSeconds,
    ...(deadLetter !== undefined && { deadLetter }),
  })),
});
