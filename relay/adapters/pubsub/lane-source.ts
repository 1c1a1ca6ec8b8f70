/** One message of a lane, leased to us until it is acked, nacked or returned by `close`. */
export interface PulledMessage {
  /** Pub/Sub's own id: the same on every delivery. */
  readonly id: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
  /** 1 on the first delivery; 0 if the subscription has no dead-letter policy, without which Pub/Sub does not count. */
  readonly deliveryAttempt: number;
  /** A second ack or nack of the same message does nothing. */
  ack(): void;
  /** Back to Pub/Sub, which redelivers it after the subscription's retry delay and counts an attempt. */
  nack(): void;
}

export type PullHandler = (message: PulledMessage) => void;

/** The worker's end of a lane's subscription. `start`, then `stop` (pull no more), then `close`. */
export interface LaneSource {
  start(handler: PullHandler): void;
  /** Pulls no more messages. Held ones stay leased and can still be acked or nacked. */
  stop(): void;
  /** Sends pending acks and nacks, returns the rest, and ends. Safe to call twice. */
  close(): Promise<void>;
  /** The number of messages held. */
  readonly held: number;
}
