interface Window {
  start: number;
  count: number;
}

const SWEEP_AT = 50_000; // keys, from which on expired windows are removed

/** A fixed-window rate limit per key (protocol §8). A key's window starts with its first message (our choice). */
export class RateWindow {
  readonly #limit: number;
  readonly #lengthMs: number;
  readonly #windows = new Map<string, Window>();
  #sweepAt = SWEEP_AT;

  constructor(limit: number, lengthMs: number) {
    this.#limit = limit;
    this.#lengthMs = lengthMs;
  }

  /** Counts one more if it fits; false when the limit is reached. */
  take(key: string, now: number): boolean {
    const window = this.#windows.get(key);
    if (window === undefined || now - window.start >= this.#lengthMs) {
      this.#windows.set(key, { start: now, count: 1 });
      this.#sweep(now);
      return true;
    }
    if (window.count >= this.#limit) return false;
    window.count += 1;
    return true;
  }

  clear(): void {
    this.#windows.clear();
  }

  #sweep(now: number): void {
    if (this.#windows.size < this.#sweepAt) return;
    for (const [key, { start }] of this.#windows) if (now - start >= this.#lengthMs) this.#windows.delete(key);
    this.#sweepAt = Math.max(SWEEP_AT, this.#windows.size * 2);
  }
}

const BURST = 20;
const REFILL_MS = 180_000;

/** Collapsible messages: a burst of 20 per app and device, one more every 3 minutes (protocol §8). */
export class CollapsibleBurst {
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** Milliseconds until the message may be sent; 0: now. */
  take(key: string, now: number): number {
    const bucket = this.#buckets.get(key) ?? { left: BURST, at: now };
    const refilled = Math.floor((now - bucket.at) / REFILL_MS);
    bucket.left = Math.min(BURST, bucket.left + refilled);
    bucket.at = bucket.left === BURST ? now : bucket.at + refilled * REFILL_MS;
    this.#buckets.set(key, bucket);
    if (bucket.left === 0) return bucket.at + REFILL_MS - now;
    bucket.left -= 1;
    return 0;
  }

  clear(): void {
    this.#buckets.clear();
  }
}
