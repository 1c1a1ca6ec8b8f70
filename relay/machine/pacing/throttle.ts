import { backoffMs, type BackoffPolicy } from '../turn/backoff.ts';

interface Slowdown {
  untilMs: number;
  lastStrikeMs: number;
  /** How often in a row. */
  strikes: number;
}

/**
 * How long a target is remembered after its last strike or slow-down, in caps of the policy: the next strike then
 * doubles the wait instead of starting over.
 */
const MEMORY_FACTOR = 2;

/** Targets that must be left alone for a while (protocol §4, …_RATE_EXCEEDED). */
export class Throttle {
  readonly #policy: BackoffPolicy;
  readonly #tolerated: number;
  readonly #slow = new Map<string, Slowdown>();

  /** @param tolerated strikes in a row that slow nothing down */
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
   * This target gets too much, or fails. Returns until when nothing may be sent to it; a time in the past where the
   * strike is tolerated.
   */
  strike(target: string, nowMs: number, random: number): number {
    const known = this.#slow.get(target);
    if (known !== undefined && known.untilMs > nowMs) return known.untilMs; // an answer to what was already on its way
    const strikes = (known?.strikes ?? 0) + 1;
    const untilMs = strikes <= this.#tolerated ? 0 : nowMs + backoffMs(this.#policy, strikes - this.#tolerated, random);
    this.#slow.set(target, { untilMs, lastStrikeMs: nowMs, strikes });
    return untilMs;
  }

  /** Until when this target must be left alone; `undefined` when it need not. */
  waitUntilMs(target: string, nowMs: number): number | undefined {
    // Stryker disable next-line ConditionalExpression: a shortcut, it only saves the look-up
    if (this.#slow.size === 0) return undefined; // the usual case
    const known = this.#slow.get(target);
    return known !== undefined && known.untilMs > nowMs ? known.untilMs : undefined;
  }

  clear(target: string): void {
    // Stryker disable next-line ConditionalExpression,EqualityOperator: a shortcut, it only saves the look-up
    if (this.#slow.size > 0) this.#slow.delete(target);
  }

  /** No target has to be left alone any longer; strikes are remembered. */
  endAll(nowMs: number): void {
    for (const slowdown of this.#slow.values()) slowdown.untilMs = Math.min(slowdown.untilMs, nowMs);
  }

  /** Forgets what is over, so that memory is bounded by what is slow now. */
  prune(nowMs: number): void {
    for (const [target, { untilMs, lastStrikeMs }] of this.#slow) {
      if (nowMs > Math.max(untilMs, lastStrikeMs) + MEMORY_FACTOR * this.#policy.capMs) this.#slow.delete(target);
    }
  }
}
