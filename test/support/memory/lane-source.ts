import type { LaneSource, PulledMessage, PullHandler } from '../../../relay/adapters/pubsub/lane-source.ts';

interface Held {
  readonly id: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly publishedAtMs: number;
  attempts: number;
}

/**
 * A lane with its subscription: `push` publishes, the handler gets it in a later microtask, as many at a time as
 * `maxMessages`. A nacked message is delivered again at once; a message held at `close` waits for the next `start`.
 */
export class MemoryLaneSource implements LaneSource {
  /** What was acked and nacked, in order; for tests. */
  readonly acked: Buffer[] = [];
  readonly nacked: Buffer[] = [];
  readonly #waiting: Held[] = [];
  /** One entry a lease, not a message: an answer to a lease that `close` ended must not touch the next one. */
  readonly #leased = new Set<{ readonly held: Held }>();
  readonly #maxMessages: number;
  #pushed = 0;
  #handler: PullHandler | undefined;

  constructor(maxMessages = Number.POSITIVE_INFINITY) {
    this.#maxMessages = maxMessages;
  }

  get held(): number {
    return this.#leased.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  push(data: Buffer | string, attributes: Readonly<Record<string, string>> = {}, publishedAtMs = 0): void {
    this.#waiting.push({ id: String(++this.#pushed), data: Buffer.from(data), attributes, publishedAtMs, attempts: 0 });
    this.#deliver();
  }

  start(handler: PullHandler): void {
    this.#handler = handler;
    this.#deliver();
  }

  stop(): void {
    this.#handler = undefined;
  }

  close(): Promise<void> {
    this.stop();
    this.#waiting.unshift(...[...this.#leased].map(({ held }) => held));
    this.#leased.clear();
    return Promise.resolve();
  }

  #deliver(): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    for (let next; this.#leased.size < this.#maxMessages && (next = this.#waiting.shift());) {
      const message = this.#lease(next);
      queueMicrotask(() => handler(message));
    }
  }

  #lease(held: Held): PulledMessage {
    const lease = { held };
    this.#leased.add(lease);
    held.attempts += 1;
    const settle = (list: Buffer[]): boolean => {
      if (!this.#leased.delete(lease)) return false;
      list.push(held.data);
      return true;
    };
    return {
      id: held.id,
      data: held.data,
      attributes: held.attributes,
      publishedAtMs: held.publishedAtMs,
      deliveryAttempt: held.attempts,
      ack: () => {
        if (settle(this.acked)) this.#deliver();
      },
      nack: () => {
        if (!settle(this.nacked)) return;
        this.#waiting.push(held);
        this.#deliver();
      },
    };
  }
}
