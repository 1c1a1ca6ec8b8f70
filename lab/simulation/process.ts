import type { Clock } from './clock.ts';
import type { Actor } from './fact.ts';

type Settle<T> = (resolve: (result: T) => void, reject: (error: Error) => void) => void;

/**
 * A worker, or a function at work on one request. Once it is dead nothing reaches it: no answer to what it asked, and
 * no timer.
 */
export class Process {
  readonly actor: Actor;
  readonly #clock: Clock;
  alive = true;

  constructor(actor: Actor, clock: Clock) {
    this.actor = actor;
    this.#clock = clock;
  }

  /** Settled, in a step of the clock, by whoever is handed its two ends. */
  promise<T>(settle: Settle<T>): Promise<T> {
    return new Promise((resolve, reject) =>
      settle(
        (result) => this.#reach(() => resolve(result)),
        (error) => this.#reach(() => reject(error)),
      ),
    );
  }

  /** Acts once, after so long. Returns what takes that back. */
  after(delayMs: number, act: () => void): () => void {
    let takenBack = false;
    this.#clock.after(delayMs, () => {
      if (this.alive && !takenBack) act();
    });
    return () => {
      takenBack = true;
    };
  }

  #reach(settle: () => void): void {
    if (!this.alive) return;
    this.#clock.settled();
    settle();
  }
}
