import {
  Duration,
  SubscriptionCloseBehaviors,
  type Message,
  type PubSub,
  type Subscription,
  type SubscriptionOptions,
} from '@google-cloud/pubsub';
import type { LaneSource, PulledMessage, PullHandler } from './lane-source.ts';

/**
 * StreamingPull on one lane's subscription. The library extends leases for as long as a message is held.
 * Four properties of the library (6.3.0) shape this file:
 * - With `allowExcessMessages: false` it keeps excess messages in a list of its own, and on close drops that list
 * without a nack. So excess is allowed there and limited here: the handler never holds more than `maxMessages`.
 * - Closing with WaitForProcessing ends the stream at once, but keeps extending leases and sending acks until every
 * message is answered: that is `stop`. Closing with NackImmediately (the default) would return messages that are still
 * being sent.
 * - On an error it does not retry (NOT_FOUND, PERMISSION_DENIED, UNKNOWN) it closes in the same way. Held messages live
 * on in the closed subscription; pulling continues in a new one.
 * - Its limits apply to each stream, so each stream here is a subscriber of its own with a share of them.
 */
export interface PullOptions {
  /** The most messages the handler may hold. */
  readonly maxMessages: number;
  readonly maxBytes: number;
  /**
   * Streams that share the limits; 1 when absent. The emulator limits each to about 1900 messages a second, the service
   * to several MB.
   */
  readonly streams?: number;
  /** Called on failures that are retried: a broken stream, acks that could not be sent. Never contains payload. */
  readonly onError?: (error: Error) => void;
  /** How long `close` waits for Pub/Sub to take acks and nacks; afterwards the leases expire. */
  readonly closeTimeoutMs?: number;
}

// How soon the messages of a killed worker come back. The library starts at 10 s, and a slow minute could raise it to
// ten minutes.
const LEASE = Duration.from({ seconds: 30 });
const LONGEST_HOLD = Duration.from({ hours: 12 }); // CCS may be away for long; the worker keeps what it holds
const RESUBSCRIBE_MS = { first: 500, longest: 30_000 };

const subscriptionOptions = (maxMessages: number, maxBytes: number): SubscriptionOptions => ({
  minAckDeadline: LEASE,
  maxAckDeadline: LEASE,
  maxExtensionTime: LONGEST_HOLD,
  flowControl: { maxMessages, maxBytes, allowExcessMessages: true },
  // An idle stream that misses a keepalive is replaced after a backoff that only a message resets: a minute by default.
  streamingOptions: { maxStreams: 1, retryMaxBackoff: Duration.from({ seconds: 2 }) },
  closeOptions: { behavior: SubscriptionCloseBehaviors.WaitForProcessing, timeout: LONGEST_HOLD },
});

export class PubSubLaneSource implements LaneSource {
  readonly #pubsub: PubSub;
  readonly #name: string;
  readonly #options: PullOptions;
  readonly #held = new Set<Message>();
  #waiting: Message[] = [];
  /** Open ones, and closed ones whose messages are still held. */
  readonly #subscriptions = new Set<Subscription>();
  readonly #pulling = new Set<Subscription>();
  #handler: PullHandler | undefined;
  readonly #resubscribing = new Set<NodeJS.Timeout>();
  #backoffMs = RESUBSCRIBE_MS.first;

  constructor(pubsub: PubSub, subscription: string, options: PullOptions) {
    this.#pubsub = pubsub;
    this.#name = subscription;
    this.#options = options;
  }

  get #streams(): number {
    return this.#options.streams ?? 1;
  }

  get held(): number {
    return this.#held.size;
  }

  start(handler: PullHandler): void {
    if (this.#handler !== undefined) throw new Error('this lane is already started');
    this.#handler = handler;
    for (let stream = this.#streams; stream > 0; stream -= 1) this.#subscribe();
  }

  stop(): void {
    this.#handler = undefined;
    for (const timer of this.#resubscribing) clearTimeout(timer);
    this.#resubscribing.clear();
    this.#pulling.clear();
    for (const subscription of this.#subscriptions) void subscription.close();
    for (const message of this.#waiting.splice(0)) message.nack(); // the handler has not seen them
  }

  async close(): Promise<void> {
    this.stop();
    for (const message of this.#held) message.nack();
    this.#held.clear();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.#options.closeTimeoutMs ?? 3_000)));
    const closed = Promise.all(
      [...this.#subscriptions].map(
        (subscription) => new Promise<void>((resolve) => subscription.once('close', () => resolve())),
      ),
    );
    await Promise.race([closed, late]);
    clearTimeout(timer);
  }

  #subscribe(): void {
    const { maxMessages, maxBytes } = this.#options;
    const share = subscriptionOptions(Math.ceil(maxMessages / this.#streams), Math.ceil(maxBytes / this.#streams));
    const subscription = this.#pubsub.subscription(this.#name, share);
    this.#subscriptions.add(subscription);
    this.#pulling.add(subscription);
    subscription.on('close', () => this.#subscriptions.delete(subscription));
    subscription.on('debug', ({ error, message }) => this.#report(error ?? new Error(message)));
    subscription.on('error', (error) => {
      this.#report(error);
      setImmediate(() => this.#mend(subscription)); // the library closes after emitting the error
    });
    subscription.on('message', (message) => this.#take(message));
  }

  #mend(subscription: Subscription): void {
    if (subscription.isOpen || this.#handler === undefined || !this.#pulling.delete(subscription)) return;
    const timer = setTimeout(
      () => {
        this.#resubscribing.delete(timer);
        this.#subscribe();
      },
      this.#backoffMs * (0.5 + Math.random() / 2),
    );
    this.#resubscribing.add(timer);
    this.#backoffMs = Math.min(this.#backoffMs * 2, RESUBSCRIBE_MS.longest);
  }

  #take(message: Message): void {
    this.#backoffMs = RESUBSCRIBE_MS.first;
    if (this.#handler === undefined) {
      message.nack(); // it was in transit when we stopped
      return;
    }
    this.#waiting.push(message);
    this.#dispense();
  }

  #dispense(): void {
    while (this.#handler !== undefined && this.#held.size < this.#options.maxMessages) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#held.add(message);
      this.#handler(this.#pulled(message));
    }
  }

  #pulled(message: Message): PulledMessage {
    const answer = (send: () => void) => (): void => {
      if (!this.#held.delete(message)) return;
      send();
      this.#dispense();
    };
    return {
      id: message.id,
      data: message.data,
      attributes: message.attributes,
      publishedAtMs: message.publishTime.getTime(),
      deliveryAttempt: message.deliveryAttempt,
      ack: answer(() => message.ack()),
      nack: answer(() => message.nack()),
    };
  }

  #report(error: Error): void {
    this.#options.onError?.(error);
  }
}
