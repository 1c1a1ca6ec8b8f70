import type { PubSub } from '@google-cloud/pubsub';
import type { LaneBacklog } from '../../model/ports.ts';
import type { Priority } from '../../protocol/legacy/message.ts';
import type { TopicNames } from './topology.ts';

const SNAPSHOT_LIFE_MS = 7 * 86_400_000;
const CLOCK_SKEW_MS = 600_000;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;

/**
 * Asks a subscription for its oldest message without a pull. A new snapshot says when it will expire: 7 days less the
 * age of the oldest message that the subscription has not acked, be it leased, resting or waiting
 * (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.snapshots#Snapshot). The snapshot itself is deleted
 * at once. The emulator does the same, but forgets what rests after a nack (up to ten minutes a time); on the real
 * service this is as yet untried.
 */
export class PubSubLaneBacklog implements LaneBacklog {
  readonly #pubsub: PubSub;
  readonly #names: TopicNames;

  constructor(pubsub: PubSub, names: TopicNames) {
    this.#pubsub = pubsub;
    this.#names = names;
  }

  async oldestAtMs(senderId: string, lane: Priority): Promise<number | undefined> {
    const subscription = this.#names.laneSubscription(senderId, lane);
    const name = `${subscription}-sweep`;
    try {
      const expireAtMs = await this.#snapshot(subscription, name);
      const oldestAtMs = expireAtMs - SNAPSHOT_LIFE_MS;
      // The future: snapshots live otherwise than they did when this was written, and tell nothing.
      return Number.isFinite(oldestAtMs) && oldestAtMs <= Date.now() + CLOCK_SKEW_MS ? oldestAtMs : undefined;
    } catch (error) {
      if (hasCode(error, FAILED_PRECONDITION)) return undefined; // a backlog of a week: its snapshot would hardly live
      throw error;
    } finally {
      await this.#delete(name);
    }
  }

  /** When it expires; NaN when it does not say. */
  async #snapshot(subscription: string, name: string): Promise<number> {
    const create = async (): Promise<number> => {
      const [{ metadata }] = await this.#pubsub.subscription(subscription).createSnapshot(name);
      const { seconds, nanos } = metadata?.expireTime ?? {};
      return Number(seconds ?? Number.NaN) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000);
    };
    try {
      return await create();
    } catch (error) {
      if (!hasCode(error, ALREADY_EXISTS)) throw error;
      await this.#delete(name); // left by a sweep that died
      return await create();
    }
  }

  /** One that is left keeps nothing that the subscription would not keep, and goes when it is next in the way. */
  async #delete(name: string): Promise<void> {
    await this.#pubsub
      .snapshot(name)
      .delete()
      .catch(() => undefined);
  }
}

const hasCode = (error: unknown, code: number): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
