import { backoffMs, type BackoffPolicy } from './backoff.ts';

interface Slowdown {
  untilMs: number;
  /** How often in a row CCS said "rate exceeded". */
  strikes: number;
}

/** Past its end a slow-down is remembered so long, so that the next strike doubles it instead of starting anew. */
const MEMORY_FACTOR = 2;

/** Devices and topics that CCS asked us to slow down for (protocol §4, …_RATE_EXCEEDED): nothing goes to them until then. */
export class Throttle {
  readonly #policy: BackoffPolicy;
  readonly #slow = new Map<string, Slowdown>();

  constructor(policy: BackoffPolicy) {
    this.#policy = policy;
  }

  get size(): number {
    return this.#slow.size;
  }

  /** CCS said that this target gets too much. Returns until when nothing may be sent to it. */
  strike(target: string, nowMs: number, random: number): number {
    const known = this.#slow.get(target);
    if (known !== undefined && known.untilMs > nowMs) return known.untilMs; // answers to what was on its way already
    const strikes = (known?.strikes ?? 0) + 1;
    const untilMs = nowMs + backoffMs(this.#policy, strikes, random);
    this.#slow.set(target, { untilMs, strikes });
    return untilMs;
  }

  /** Until when this target must be left alone; `undefined` when it need not. */
  waitUntilMs(target: string, nowMs: number): number | undefined {
    if (this.#slow.size === 0) return undefined; // the normal case, for every message
    const known = this.#slow.get(target);
    return known !== undefined && known.untilMs > nowMs ? known.untilMs : undefined;
  }

  /** Forgets what is over: the memory stays bounded by what is slow now. */
  prune(nowMs: number): void {
    for (const [target, { untilMs }] of this.#slow) {
      if (nowMs > untilMs + MEMORY_FACTOR * this.#policy.capMs) this.#slow.delete(target);
    }
  }
}
