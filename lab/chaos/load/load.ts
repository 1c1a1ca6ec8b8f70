import { setTimeout as wait } from 'node:timers/promises';
import type { PubSub, Topic } from '@google-cloud/pubsub';
import type { EmulatorControl } from '../../../fcm-emulator/client.ts';
import { topicNames } from '../../../relay/adapters/pubsub/topology.ts';
import type { Offer, UpstreamOffer } from '../history/history.ts';
import { postBatch } from './post-batch.ts';

const TICK_MS = 1_000;
const BATCH = 250; // after a stall a tick has more
const BATCHES_AT_ONCE = 6; // while the functions are down the load waits, as callers would
const PUBLISHED_EVERY = 4; // every fourth message goes through fcm-downstream-requests
const REFUSED_EVERY = 50; // every fiftieth goes to a token that is not registered
const HIGH_EVERY = 10;
const TOKENS = 2_000;
const RETRY_MS = 500;

export const UNREGISTERED = 'unregistered-device-token';

export interface LoadOptions {
  readonly messages: number;
  readonly durationMs: number;
  readonly api: string;
  readonly fcm: EmulatorControl;
  readonly pubsub: PubSub;
  readonly signal: AbortSignal;
}

/**
 * Submits messages by HTTPS and Pub/Sub, and makes devices send as many, evenly over time. Every call is repeated until
 * it is answered.
 */
export class Load {
  readonly offers: Offer[] = [];
  readonly upstream: UpstreamOffer[] = [];
  accepted = 0;
  readonly #options: LoadOptions;
  readonly #requests: Topic;
  readonly #inProgress = new Set<Promise<void>>();

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#requests = options.pubsub.topic(topicNames().requests, {
      batching: { maxMessages: 200, maxMilliseconds: 20 },
    });
  }

  /** Resolves when everything has been submitted and answered. Rejects at the abort. */
  async run(): Promise<void> {
    const { messages, durationMs, signal, fcm } = this.#options;
    await fcm.devices.put(UNREGISTERED, { state: 'unregistered' });
    const startMs = performance.now();
    while (this.offers.length < messages) {
      await wait(TICK_MS, undefined, { signal });
      const share = Math.min(1, (performance.now() - startMs) / durationMs);
      const [from, to] = [this.offers.length, Math.ceil(share * messages)];
      await this.#sendUp(from, to);
      this.#submit(from, to);
      while (this.#inProgress.size > BATCHES_AT_ONCE) await Promise.race(this.#inProgress);
    }
    await Promise.all(this.#inProgress);
  }

  #submit(from: number, to: number): void {
    const fresh: Offer[] = [];
    for (let n = from; n < to; n += 1) {
      fresh.push({
        id: `down-${n}`,
        via: n % PUBLISHED_EVERY === 0 ? 'pubsub' : 'https',
        fate: n % REFUSED_EVERY === 1 ? 'nacked' : 'acked',
        offeredMs: Date.now(),
      });
    }
    this.offers.push(...fresh);
    const byHttps = fresh.filter(({ via }) => via === 'https');
    for (let first = 0; first < byHttps.length; first += BATCH) {
      const items = byHttps.slice(first, first + BATCH).map((offer) => ({ offer, message: messageOf(offer) }));
      this.#track(postBatch(items, this.#options, () => (this.accepted += 1)));
    }
    for (const offer of fresh) if (offer.via === 'pubsub') this.#track(this.#publish(offer));
  }

  async #publish(offer: Offer): Promise<void> {
    const { signal } = this.#options;
    while (offer.acceptedMs === undefined) {
      signal.throwIfAborted();
      try {
        await this.#requests.publishMessage({ json: messageOf(offer) });
        offer.acceptedMs = Date.now();
        this.accepted += 1;
      } catch {
        await wait(RETRY_MS, undefined, { signal }); // the same message under the same id
      }
    }
  }

  async #sendUp(from: number, to: number): Promise<void> {
    const fresh = Array.from({ length: to - from }, (_, at): UpstreamOffer => ({
      id: `up-${from + at}`,
      from: `device-token-${(from + at) % TOKENS}`,
      offeredMs: Date.now(),
    }));
    if (fresh.length === 0) return;
    this.upstream.push(...fresh);
    await this.#options.fcm.upstreamAll(
      fresh.map(({ id, from: token }) => ({ from: token, messageId: id, category: 'com.example.chaos', data: { id } })),
    );
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#inProgress.delete(tracked));
    this.#inProgress.add(tracked);
    tracked.catch(() => undefined); // `run` sees it, in the race or at the end
  }
}

function messageOf({ id, fate }: Offer): object {
  const n = Number(id.slice('down-'.length));
  return {
    message_id: id,
    to: fate === 'nacked' ? UNREGISTERED : `device-token-${n % TOKENS}`,
    priority: n % HIGH_EVERY === 0 ? 'high' : 'normal',
    data: { n: String(n) },
  };
}
