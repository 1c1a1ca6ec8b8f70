import type { PubSub } from '@google-cloud/pubsub';
import type { LaneBacklog } from '../../model/ports.ts';
import type { TopicNames } from './topology.ts';

const SNAPSHOT_LIFE_MS = 7 * 86_400_000;
const CLOCK_SKEW_MS = 600_000;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;

/**
 * Finds a subscription's oldest message without pulling. A new snapshot says when it expires: 7 days minus the age of
 * the oldest unacked message, whether leased, backing off or waiting
 * (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.snapshots#Snapshot). The snapshot is deleted at
 * once. The emulator agrees, except that it forgets messages backing off after a nack (up to ten minutes each). Not yet
 * tried on the real service.
 */
export const pubSubLaneBacklog = (pubsub: PubSub, names: TopicNames): LaneBacklog => ({
  oldestAtMs: async (senderId, lane) => {
    const subscription = names.laneSubscription(senderId, lane);
    const name = `${subscription}-sweep`;
    try {
      const oldestAtMs = (await snapshotExpiryMs(pubsub, subscription, name)) - SNAPSHOT_LIFE_MS;
      // In the future: the lifetime of snapshots has changed, so the answer means nothing.
      return Number.isFinite(oldestAtMs) && oldestAtMs <= Date.now() + CLOCK_SKEW_MS ? oldestAtMs : undefined;
    } catch (error) {
      if (hasCode(error, FAILED_PRECONDITION)) return undefined; // the backlog is a week old: no time left to live
      throw error;
    } finally {
      await deleteSnapshot(pubsub, name);
    }
  },
});

/** NaN when Pub/Sub does not say. */
async function snapshotExpiryMs(pubsub: PubSub, subscription: string, name: string): Promise<number> {
  const create = async (): Promise<number> => {
    const [{ metadata }] = await pubsub.subscription(subscription).createSnapshot(name);
    const { seconds, nanos } = metadata?.expireTime ?? {};
    return Number(seconds ?? Number.NaN) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000);
  };
  try {
    return await create();
  } catch (error) {
    if (!hasCode(error, ALREADY_EXISTS)) throw error;
    await deleteSnapshot(pubsub, name); // left by a sweep that died
    return await create();
  }
}

/** A snapshot that stays retains nothing more than its subscription does; the next sweep replaces it. */
async function deleteSnapshot(pubsub: PubSub, name: string): Promise<void> {
  await pubsub
    .snapshot(name)
    .delete()
    .catch(() => undefined);
}

const hasCode = (error: unknown, code: number): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
