import { setTimeout as delay } from 'node:timers/promises';
import { v1, type PubSub } from '@google-cloud/pubsub';
import type { KeptDeadLetter } from '../../model/ports.ts';
import { readDeadLetter, type Seals } from './dead-letter-reading.ts';
import type { TopicNames } from './topology.ts';

export interface KeptLetter extends KeptDeadLetter {
  /** Pub/Sub's id of the letter, not of the message in it. */
  readonly id: string;
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
}

/** `done`: it is removed for good. `stop`: it is kept, and no more are wanted. */
export type Verdict = 'keep' | 'done' | 'stop';

const BATCH = 100;
// A pull may come back empty although there is something; so many in a row say that there is not.
const EMPTY_PULLS = 3;
const EMPTY_WAIT_MS = 300;
const LEASE_SECONDS = 600; // Pub/Sub's longest; after a kill the letters are out of sight for so long
const RENEW_MS = 240_000;
const IDS_A_CALL = 1_000; // of at most 512 KiB

/**
 * `fcm-downstream-dead-keep`, looked through by hand. What is looked at stays leased until the end, so that nothing
 * comes twice, and is then handed back at once: who looks again sees the same. What somebody else has leased at that
 * moment is not seen.
 */
export class DeadLetterKeep {
  readonly #pubsub: PubSub;
  readonly #names: TopicNames;
  readonly #seals: Seals;

  constructor(pubsub: PubSub, names: TopicNames, seals: Seals) {
    this.#pubsub = pubsub;
    this.#names = names;
    this.#seals = seals;
  }

  /** One letter after the other, in no order, each once. Rejects when Pub/Sub or `visit` does; nothing is lost then. */
  async visit(visit: (letter: KeptLetter) => Promise<Verdict>): Promise<void> {
    const config = (await this.#pubsub.getClientConfig()) as ConstructorParameters<typeof v1.SubscriberClient>[0];
    const client = new v1.SubscriberClient(config);
    const leases = new Leases(client, `projects/${this.#pubsub.projectId}/subscriptions/${this.#names.deadKeep}`);
    try {
      for (let empty = 0; empty < EMPTY_PULLS;) {
        const received = await leases.pull();
        if (received.length === 0) await delay(EMPTY_WAIT_MS);
        empty = received.length === 0 ? empty + 1 : 0;
        for (const { id, data, attributes, publishedAtMs } of received) {
          const verdict = await visit({
            ...readDeadLetter({ data, attributes }, this.#names, this.#seals),
            id,
            publishedAtMs,
          });
          if (verdict === 'stop') return;
          if (verdict === 'done') await leases.acknowledge(id);
        }
      }
    } finally {
      await leases.release();
      await client.close();
    }
  }
}

interface Received {
  readonly id: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly publishedAtMs: number;
}

/** What is held: never the payloads, which may be ten megabytes each. */
class Leases {
  readonly #client: InstanceType<typeof v1.SubscriberClient>;
  readonly #subscription: string;
  readonly #ackIds = new Map<string, string>();
  readonly #seen = new Set<string>();
  #renewedMs = performance.now();

  constructor(client: InstanceType<typeof v1.SubscriberClient>, subscription: string) {
    this.#client = client;
    this.#subscription = subscription;
  }

  /** Those that were not seen before. */
  async pull(): Promise<readonly Received[]> {
    if (performance.now() - this.#renewedMs > RENEW_MS) {
      await this.#setDeadline([...this.#ackIds.values()], LEASE_SECONDS);
      this.#renewedMs = performance.now();
    }
    const [{ receivedMessages }] = await this.#client.pull({
      subscription: this.#subscription,
      maxMessages: BATCH,
      returnImmediately: true,
    });
    const fresh: Received[] = [];
    const ackIds: string[] = [];
    for (const { ackId, message } of receivedMessages ?? []) {
      const id = message?.messageId;
      if (!ackId || !id) continue;
      ackIds.push(ackId);
      this.#ackIds.set(id, ackId);
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      const { seconds, nanos } = message.publishTime ?? {};
      const publishedAtMs = Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000);
      fresh.push({ id, data: Buffer.from(message.data ?? ''), attributes: message.attributes ?? {}, publishedAtMs });
    }
    await this.#setDeadline(ackIds, LEASE_SECONDS);
    return fresh;
  }

  async acknowledge(id: string): Promise<void> {
    const ackId = this.#ackIds.get(id);
    if (ackId === undefined) return;
    await this.#client.acknowledge({ subscription: this.#subscription, ackIds: [ackId] });
    this.#ackIds.delete(id);
  }

  release(): Promise<void> {
    return this.#setDeadline([...this.#ackIds.values()], 0);
  }

  async #setDeadline(ackIds: readonly string[], ackDeadlineSeconds: number): Promise<void> {
    for (let at = 0; at < ackIds.length; at += IDS_A_CALL) {
      await this.#client.modifyAckDeadline({
        subscription: this.#subscription,
        ackIds: ackIds.slice(at, at + IDS_A_CALL),
        ackDeadlineSeconds,
      });
    }
  }
}
