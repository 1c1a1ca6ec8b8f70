/** One message of a lane, leased to us until it is acked, nacked or handed back by `close`. */
export interface PulledMessage {
  /** Pub/Sub's own id: the same on every delivery. */
  readonly id: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
  /** 1 on the first delivery; 0 when the subscription has no dead-letter policy, which is what makes Pub/Sub count. */
  readonly deliveryAttempt: number;
  /** Done with it. A second answer to the same message does nothing. */
  ack(): void;
  /** Back to Pub/Sub, which delivers it again after the subscription's retry delay and counts an attempt. */
  nack(): void;
}

export type PullHandler = (message: PulledMessage) => void;

/** The worker's end of one lane subscription. `start`, then `stop` (hold what is held, take no more), then `close`. */
export interface LaneSource {
  start(handler: PullHandler): void;
  /** Takes no more messages. What is held stays leased, and can still be acked or nacked. */
  stop(): void;
  /** Sends the answers given so far, hands the rest back, and ends. Safe to call twice. */
  close(): Promise<void>;
  /** How many messages are held now. */
  readonly held: number;
}
