import type { StoredMessage, Version } from '../relay/core/ports.ts';
import type { MessageRecord, RecordChange } from '../relay/core/record.ts';
import type { Documents } from './documents.ts';
import type { Actor } from './fact.ts';
import type { Surroundings } from './surroundings.ts';

export type ReadAnswer = { readonly ok: true; readonly stored: StoredMessage | undefined } | { readonly ok: false };
/** No `version`: a conflict. */
export type WriteAnswer = { readonly ok: true; readonly version: Version | undefined } | { readonly ok: false };

/** A write that arrives later than this is slow: a cancel does not reckon with more (relay/core/timing.ts). */
const SLOW_MS = 700;

interface Course {
  readonly thereMs: number;
  readonly backMs: number;
  readonly fails: boolean;
  readonly happens: boolean;
}

/** Firestore at the end of a network: an operation happens at a moment between being asked for and being answered; a failed one may have happened all the same. */
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

  read(worker: Actor, id: string, done: (answer: ReadAnswer) => void): void {
    this.#travel(worker, id, () => this.documents.read(id), (course, stored) => done(course.fails ? { ok: false } : { ok: true, stored }));
  }

  create(worker: Actor, id: string, record: MessageRecord, done: (answer: WriteAnswer) => void): void {
    this.#write(worker, id, () => this.documents.create({ worker, id }, record), done);
  }

  update(worker: Actor, id: string, { version, change }: { version: Version; change: RecordChange }, done: (answer: WriteAnswer) => void): void {
    this.#write(worker, id, () => this.documents.update({ worker, id }, version, change), done);
  }

  #write(worker: Actor, id: string, work: () => Version | undefined, done: (answer: WriteAnswer) => void): void {
    this.#travel(worker, id, work, (course, version) => done(course.fails ? { ok: false } : { ok: true, version }));
  }

  #travel<T>(worker: Actor, id: string, work: () => T, back: (course: Course, result: T | undefined) => void): void {
    const { clock, journal } = this.#around;
    const course = this.#course();
    const slow = course.thereMs + course.backMs > SLOW_MS;
    if (course.fails || slow) journal.note({ kind: 'storeTrouble', worker, id, what: course.fails ? 'failed' : 'slow' });
    clock.after(course.thereMs, () => {
      const result = course.happens ? work() : undefined;
      clock.after(course.backMs, () => back(course, result));
    });
  }

  #course(): Course {
    const { clock, dice, trouble } = this.#around;
    if (clock.nowMs < this.#awayUntilMs) return { thereMs: dice.between(100, 3_000), backMs: 10, fails: true, happens: false };
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
