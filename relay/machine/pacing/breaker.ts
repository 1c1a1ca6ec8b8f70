import { backoffMs, type BackoffPolicy } from '../turn/backoff.ts';

/**
 * Different targets answered "later" in a row before FCM itself counts as in trouble, rather than one target.
 */
export const TRIP_AFTER = 10;

/**
 * Slows the whole sender down while FCM answers nothing but "later" (protocol §4). While open, it lets one message out
 * at a time, a probe, after waits that double. The first answer of another kind closes it. A target that keeps failing
 * says nothing new about FCM: it is evidence once (failing-targets.ts), and other targets are probed first.
 */
export class Breaker {
  readonly #policy: BackoffPolicy;
  /** Targets that failed since the last answer of another kind. */
  #evidence = 0;
  /** Waits so far; 0 while it is closed. */
  #waits = 0;
  #probeAtMs = 0;
  #probing = false;

  constructor(policy: BackoffPolicy) {
    this.#policy = policy;
  }

  get isOpen(): boolean {
    return this.#waits > 0;
  }

  /** How many messages may be sent now. */
  allows(nowMs: number): number {
    if (!this.isOpen) return Infinity;
    return nowMs >= this.#probeAtMs ? 1 : 0;
  }

  /** A message went out. Returns when the next may, should this one stay unanswered; `undefined` while closed. */
  sent(nowMs: number, random: number): number | undefined {
    if (!this.isOpen) return undefined;
    this.#probing = true;
    return this.#wait(nowMs, random);
  }

  /**
   * FCM said "later". @param isNew the target had not failed before. Returns when the next message may go out, where
   * that has changed.
   */
  failed(isNew: boolean, nowMs: number, random: number): number | undefined {
    if (isNew) this.#evidence++;
    const trips = !this.isOpen && this.#evidence >= TRIP_AFTER;
    if (!trips && !this.#probing) return undefined; // an answer to what was already on its way
    this.#probing = false;
    this.#waits++;
    return this.#wait(nowMs, random);
  }

  /** FCM gave any other answer. Returns whether the breaker was open. */
  worked(): boolean {
    const wasOpen = this.isOpen;
    this.#evidence = 0;
    this.#waits = 0;
    this.#probing = false;
    return wasOpen;
  }

  #wait(nowMs: number, random: number): number {
    this.#probeAtMs = nowMs + backoffMs(this.#policy, this.#waits, random);
    return this.#probeAtMs;
  }
}
