import { backoffMs, type BackoffPolicy } from '../turn/backoff.ts';

interface Slowdown {
  untilMs: number;
  lastStrikeMs: number;
  /** How often in a row. */
  strikes: number;
}

/**
 * A target is remembered so long after its last strike or its last slow-down, so that the next strike doubles the wait
 * instead of starting anew.
 */
const MEMORY_FACTOR = 2;

/**
 * Devices and topics that are to be left alone for a while (protocol §4, …_RATE_EXCEEDED): nothing goes to them until
 * then.
 */
export class Throttle {
  readonly #policy: BackoffPolicy;
  readonly #tolerated: number;
  readonly #slow = new Map<string, Slowdown>();

  /** @param tolerated so many strikes in a row slow nothing down */
  constructor(policy: BackoffPolicy, tolerated = 0) {
    this.#policy = policy;
    this.#tolerated = tolerated;
  }

  get size(): number {
    return this.#slow.size;
  }

  has(target: string): boolean {
    return this.#slow.has(target);
  }

  /**
   * This target gets too much, or fails. Returns until when nothing may be sent to it; a time that is over when that is
   * tolerated.
   */
  strike(target: string, nowMs: number, random: number): number {
    const known = this.#slow.get(target);
    if (known !== undefined && known.untilMs > nowMs) return known.untilMs; // answers to what was on its way already
    const strikes = (known?.strikes ?? 0) + 1;
    const untilMs = strikes <= this.#tolerated ? 0 : nowMs + backoffMs(this.#policy, strikes - this.#tolerated, random);
    this.#slow.set(target, { untilMs, lastStrikeMs: nowMs, strikes });
    return untilMs;
  }

  /** Until when this target must be left alone; `undefined` when it need not. */
  waitUntilMs(target: string, nowMs: number): number | undefined {
    // Stryker disable next-line ConditionalExpression: a shortcut, it only saves the look-up
    if (this.#slow.size === 0) return undefined; // the normal case, for every message
    const known = this.#slow.get(target);
    return known !== undefined && known.untilMs > nowMs ? known.untilMs : undefined;
  }

  clear(target: string): void {
    // Stryker disable next-line ConditionalExpression,EqualityOperator: a shortcut, it only saves the look-up
    if (this.#slow.size > 0) this.#slow.delete(target);
  }

  /** Nothing needs to be left alone any longer; what was struck is remembered. */
  endAll(nowMs: number): void {
    for (const slowdown of this.#slow.values()) slowdown.untilMs = Math.min(slowdown.untilMs, nowMs);
  }

  /** Forgets what is over: the memory stays bounded by what is slow now. */
  prune(nowMs: number): void {
    for (const [target, { untilMs, lastStrikeMs }] of this.#slow) {
      if (nowMs > Math.max(untilMs, lastStrikeMs) + MEMORY_FACTOR * this.#policy.capMs) this.#slow.delete(target);
    }
  }
}
