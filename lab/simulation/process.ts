import type { Clock } from './clock.ts';
import type { Actor } from './fact.ts';

type Settle<T> = (resolve: (result: T) => void, reject: (error: Error) => void) => void;

/**
 * A worker, or a function that serves one request. Once it is dead nothing reaches it, neither answers nor timers.
 */
export class Process {
  readonly actor: Actor;
  readonly #clock: Clock;
  alive = true;

  constructor(actor: Actor, clock: Clock) {
    this.actor = actor;
    this.#clock = clock;
  }

  /** Settles in a step of the clock. */
  promise<T>(settle: Settle<T>): Promise<T> {
    return new Promise((resolve, reject) =>
      settle(
        (result) => this.#reach(() => resolve(result)),
        (error) => this.#reach(() => reject(error)),
      ),
    );
  }

  /** Acts once, after the delay. Returns what cancels it. */
  after(delayMs: number, act: () => void): () => void {
    let cancelled = false;
    this.#clock.after(delayMs, () => {
      if (this.alive && !cancelled) act();
    });
    return () => {
      cancelled = true;
    };
  }

  #reach(settle: () => void): void {
    if (!this.alive) return;
    this.#clock.settled();
    settle();
  }
}
