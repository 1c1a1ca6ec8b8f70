import type { Fact } from './fact.ts';
import { cancelledIsNotAtCcs, cancelledWasNotSent } from './invariants/cancels.ts';
import { announcedThenAcked, conservation, terminalIsFinal, truth } from './invariants/documents.ts';
import { ackOnItsConnection, draining, patience, publishedThenAcked, window } from './invariants/lines.ts';
import type { KnownException, Limits, Rule } from './invariants/rule.ts';
import { duplicatesAreExplained, nothingAfterTheEnd, timeToLive } from './invariants/sending.ts';
import { boundedMemory, noDefect, noStarvation, stopEnds } from './invariants/workers.ts';

/** Every invariant, by name. */
export const INVARIANTS = {
  window,
  draining,
  ackOnItsConnection,
  publishedThenAcked,
  patience,
  conservation,
  terminalIsFinal,
  truth,
  announcedThenAcked,
  nothingAfterTheEnd,
  timeToLive,
  duplicatesAreExplained,
  cancelledWasNotSent,
  cancelledIsNotAtCcs,
  stopEnds,
  boundedMemory,
  noStarvation,
  noDefect,
} as const satisfies Record<string, Rule>;

export type InvariantName = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: InvariantName;
  readonly atMs: number;
  /** The message, line or worker concerned. */
  readonly subject: string;
  readonly what: string;
}

/** How often each known exception was met. */
export type Exceptions = Map<KnownException, number>;

const MOST_KEPT = 100; // one defect can break thousands

/** Shows every fact to every invariant. */
export class Judge {
  readonly violations: Violation[] = [];
  readonly exceptions: Exceptions = new Map();
  readonly #watching: readonly ((fact: Fact, atMs: number) => void)[];
  #atMs = 0;

  constructor(limits: Limits) {
    const rules = Object.entries(INVARIANTS) as [InvariantName, Rule][];
    this.#watching = rules.map(([invariant, rule]) =>
      rule((subject, what, known) => {
        if (known === undefined) this.#report({ invariant, atMs: this.#atMs, subject, what });
        else this.exceptions.set(known, (this.exceptions.get(known) ?? 0) + 1);
      }, limits),
    );
  }

  readonly judge = (fact: Fact, atMs: number): void => {
    this.#atMs = atMs;
    for (const watch of this.#watching) watch(fact, atMs);
  };

  #report(violation: Violation): void {
    if (this.violations.length < MOST_KEPT) this.violations.push(violation);
  }
}
