import type { Documents } from './documents.ts';
import type { Process } from './process.ts';
import type { Environment } from './environment.ts';

/** Operations that take longer are slow: a cancel does not allow for more (relay/model/timing.ts). */
const SLOW_MS = 700;

interface Course {
  readonly thereMs: number;
  readonly backMs: number;
  readonly fails: boolean;
  readonly happens: boolean;
}

/**
 * Firestore across a network: an operation happens at some moment between its request and its answer, and a failed one
 * may have happened all the same.
 */
export class SimulatedFirestore {
  readonly #env: Environment;
  readonly documents: Documents;
  #awayUntilMs = 0;

  constructor(env: Environment, documents: Documents) {
    this.#env = env;
    this.documents = documents;
  }

  goAway(forMs: number): void {
    this.#awayUntilMs = this.#env.clock.nowMs + forMs;
    this.#env.journal.note({ kind: 'outage', of: 'firestore', forMs: Math.round(forMs) });
  }

  /** Rejects when the outcome is unknown. @param id what it is about, for the journal */
  ask<T>(process: Process, id: string, work: () => T): Promise<T> {
    const { clock, journal } = this.#env;
    const { thereMs, backMs, fails, happens } = this.#course();
    const slow = thereMs + backMs > SLOW_MS;
    if (fails || slow)
      journal.note({ kind: 'storeTrouble', worker: process.actor, id, what: fails ? 'failed' : 'slow' });
    return process.promise((resolve, reject) => {
      clock.after(thereMs, () => {
        const done = happens ? { result: work() } : undefined;
        clock.after(backMs, () =>
          fails || done === undefined ? reject(new Error('unavailable')) : resolve(done.result),
        );
      });
    });
  }

  #course(): Course {
    const { clock, dice, faults } = this.#env;
    if (clock.nowMs < this.#awayUntilMs)
      return { thereMs: dice.between(100, 3_000), backMs: 10, fails: true, happens: false };
    const fails = dice.chance(faults.storeFails);
    const slow = dice.chance(faults.storeSlow);
    const slowThere = slow && dice.chance(0.5);
    return {
      thereMs: slowThere ? dice.between(500, 8_000) : dice.between(1, 20),
      backMs: slow && !slowThere ? dice.between(500, 8_000) : dice.between(1, 20),
      fails,
      happens: !fails || dice.chance(0.5),
    };
  }
}
