import { setTimeout as delay } from 'node:timers/promises';
import { v1, type PubSub } from '@google-cloud/pubsub';
import type { PublishedDeadLetter } from '../../model/ports.ts';
import { readDeadLetter, type Signers } from './dead-letter-reading.ts';
import type { TopicNames } from './topology.ts';

export interface KeptLetter extends PublishedDeadLetter {
  /** Pub/Sub's id of the letter, not of the message in it. */
  readonly id: string;
}

/** `done`: remove it for good. `stop`: the letter stays and the visit ends. */
export type Disposition = 'keep' | 'done' | 'stop';

/** `fcm-downstream-dead-keep`, as an operator looks through it. */
export interface deadLetterKeep {
  /**
   * Visits each letter once, one at a time, in no order. A visited letter stays leased to the end and is then handed
   * back at once, so the next visit sees the same letters; letters leased to another visitor are not seen. Rejects when
   * Pub/Sub or `visitor` does; nothing is lost.
   */
  visit(visitor: (letter: KeptLetter) => Promise<Disposition>): Promise<void>;
}

const BATCH = 100;
// A pull may be empty though letters remain; this many in a row mean there are none.
const EMPTY_PULLS = 3;
const EMPTY_WAIT_MS = 300;
const LEASE_SECONDS = 600; // Pub/Sub's maximum; how long letters stay invisible after a kill
const RENEW_MS = 240_000;
const IDS_PER_CALL = 1_000; // a request is limited to 512 KiB

export const deadLetterKeep = (pubsub: PubSub, names: TopicNames, signers: Signers): deadLetterKeep => ({
  visit: async (visitor) => {
    const config = (await pubsub.getClientConfig()) as ConstructorParameters<typeof v1.SubscriberClient>[0];
    const client = new v1.SubscriberClient(config);
    const leases = new Leases(client, `projects/${pubsub.projectId}/subscriptions/${names.deadKeep}`);
    try {
      for (let empty = 0; empty < EMPTY_PULLS;) {
        const received = await leases.pull();
        if (received.length === 0) await delay(EMPTY_WAIT_MS);
        empty = received.length === 0 ? empty + 1 : 0;
        for (const { id, data, attributes, publishedAtMs } of received) {
          const letter = readDeadLetter({ data, attributes }, names, signers);
          const disposition = await visitor({ ...letter, id, publishedAtMs });
          if (disposition === 'stop') return;
          if (disposition === 'done') await leases.acknowledge(id);
        }
      }
    } finally {
      await leases.release();
      await client.close();
    }
  },
});

interface Received {
  readonly id: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly publishedAtMs: number;
}

/** Holds ack ids, never payloads, which may be ten megabytes each. */
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

  /** Only messages not seen before. */
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
    for (let at = 0; at < ackIds.length; at += IDS_PER_CALL) {
      await this.#client.modifyAckDeadline({
        subscription: this.#subscription,
        ackIds: ackIds.slice(at, at + IDS_PER_CALL),
        ackDeadlineSeconds,
      });
    }
  }
}
