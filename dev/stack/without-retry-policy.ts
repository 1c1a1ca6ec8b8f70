import type { Topology } from '../../relay/adapters/pubsub/topology.ts';

/**
 * For the Pub/Sub emulator 0.8.20 only, where messages are held for long or their holders die.
 * - It pushes into a stream whatever fits its buffers, past the limit that the client asked for, as the service does
 *   not. What nobody reads for
 * 30 s loses its lease there, and under a retry policy it comes back in portions of 300, seconds apart: a worker that
 *   held 1 000 of 10 000
 *   messages for a minute then got 80 a second. Without the policy all of them in 3 s (some of them twice).
 * - Of the messages whose lease has run out a second time it hands out only a part again (12 to 31 of 200 within 180 s;
 *   without the policy all
 *   200 in 30 s): a second kill would look like a loss.
 * So here what is handed back comes back at once.
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
