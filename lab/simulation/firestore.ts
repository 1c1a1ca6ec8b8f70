import type { Documents } from './documents.ts';
import type { Process } from './process.ts';
import type { Surroundings } from './surroundings.ts';

/** A write that arrives later than this is slow: a cancel does not reckon with more (relay/model/timing.ts). */
const SLOW_MS = 700;

interface Course {
  readonly thereMs: number;
  readonly backMs: number;
  readonly fails: boolean;
  readonly happens: boolean;
}

/**
 * Firestore at the end of a network: an operation happens at a moment between being asked for and being answered; a
 * failed one may have happened all the same.
 */
export class SimulatedFirestore {
  readonly #around: Surroundings;
  readonly documents: Documents;
  #awayUntilMs = 0;

  constructor(around: Surroundings, documents: Documents) {
    this.#around = around;
    this.documents = documents;
  }

  goAway(forMs: number): void {
    this.#awayUntilMs = this.#around.clock.nowMs + forMs;
    this.#around.journal.note({ kind: 'outage', of: 'firestore', forMs: Math.round(forMs) });
  }

  /** Rejects when nobody knows whether the work was done. @param id what it is about, for the journal */
  ask<T>(process: Process, id: string, work: () => T): Promise<T> {
    const { clock, journal } = this.#around;
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
    const { clock, dice, trouble } = this.#around;
    if (clock.nowMs < this.#awayUntilMs)
      return { thereMs: dice.between(100, 3_000), backMs: 10, fails: true, happens: false };
    const fails = dice.chance(trouble.storeFails);
    const slow = dice.chance(trouble.storeSlow);
    const slowThere = slow && dice.chance(0.5);
    return {
      thereMs: slowThere ? dice.between(500, 8_000) : dice.between(1, 20),
      backMs: slow && !slowThere ? dice.between(500, 8_000) : dice.between(1, 20),
      fails,
      happens: !fails || dice.chance(0.5),
    };
  }
}
