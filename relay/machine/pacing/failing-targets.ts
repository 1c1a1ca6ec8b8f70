import type { BackoffPolicy } from '../turn/backoff.ts';
import { Throttle } from './throttle.ts';

/** Failures in a row before a target's other messages wait as well: FCM answers "later" to any target now and then. */
const TOLERATED = 3;

/**
 * Targets whose messages FCM has answered "later", with no answer of another kind since. One that keeps failing is left
 * alone for a while, so that its messages do not take the places of others. As evidence that FCM itself is in trouble
 * (breaker.ts) each counts once.
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

  /** FCM was in trouble and has recovered: no target has to wait for that any longer. */
  forgive(nowMs: number): void {
    this.#throttle.endAll(nowMs);
  }

  prune(nowMs: number): void {
    this.#throttle.prune(nowMs);
  }
}
