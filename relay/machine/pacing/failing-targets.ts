import type { BackoffPolicy } from '../turn/backoff.ts';
import { Throttle } from './throttle.ts';

/**
 * A target may fail so often in a row before its other messages wait as well: CCS answers "later" now and then to
 * anybody.
 */
const TOLERATED = 3;

/**
 * The devices and topics whose messages CCS has sent back "later", with no answer of another kind since. One that goes
 * on failing is left alone for a while, so that its messages do not take the places of others; and as evidence that CCS
 * itself is in trouble (breaker.ts) each counts once.
 */
export class FailingTargets {
  readonly #throttle: Throttle;

  constructor(policy: BackoffPolicy) {
    this.#throttle = new Throttle(policy, TOLERATED);
  }

  /** Returns whether that is news. */
  failed(target: string, nowMs: number, random: number): boolean {
    const isNew = !this.#throttle.has(target);
    this.#throttle.strike(target, nowMs, random);
    return isNew;
  }

  worked(target: string): void {
    this.#throttle.clear(target);
  }

  has(target: string): boolean {
    return this.#throttle.has(target);
  }

  /** Until when this target must be left alone; `undefined` when it need not. */
  waitUntilMs(target: string, nowMs: number): number | undefined {
    return this.#throttle.waitUntilMs(target, nowMs);
  }

  /** CCS was in trouble, and is not any more: nobody waits for that. */
  forgive(nowMs: number): void {
    this.#throttle.endAll(nowMs);
  }

  prune(nowMs: number): void {
    this.#throttle.prune(nowMs);
  }
}
