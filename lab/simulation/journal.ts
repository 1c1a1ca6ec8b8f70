import type { Clock } from './clock.ts';
import type { Fact } from './fact.ts';

export interface Entry {
  readonly atMs: number;
  readonly fact: Fact;
}

/** Everything that happened in one run: counted, digested, judged, and kept if a timeline is wanted. */
export class Journal {
  readonly #clock: Clock;
  readonly #judge: (fact: Fact, atMs: number) => void;
  /** By label, as the table shows them. */
  readonly counts = new Map<string, number>();
  /** All of them if they are kept, else none. */
  readonly entries: Entry[] = [];
  readonly #keep: boolean;
  #hash = 0x811c9dc5;

  constructor(clock: Clock, judge: (fact: Fact, atMs: number) => void, keep: boolean) {
    this.#clock = clock;
    this.#judge = judge;
    this.#keep = keep;
  }

  note(fact: Fact): void {
    const atMs = this.#clock.nowMs;
    const label = labelOf(fact);
    this.counts.set(label, (this.counts.get(label) ?? 0) + 1);
    this.#digest(atMs);
    for (const value of Object.values(fact)) this.#digest(value);
    if (this.#keep) this.entries.push({ atMs, fact });
    this.#judge(fact, atMs);
  }

  /** Two runs with the same digest were the same. */
  get digest(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  /** FNV-1a. */
  #digest(value: unknown): void {
    const text = String(value);
    let hash = this.#hash;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    this.#hash = hash;
  }
}

function labelOf(fact: Fact): string {
  switch (fact.kind) {
    case 'outage':
      return `outage: ${fact.of}`;
    case 'answered':
      return fact.repeated ? 'answered twice' : `answered: ${fact.answer}`;
    case 'lost':
      return `lost: ${fact.how}`;
    case 'storeTrouble':
      return `store: ${fact.what}`;
    case 'stored':
      return `stored: ${fact.state}`;
    case 'postAnswered':
      return `post: ${fact.outcome}`;
    case 'enqueued':
      return fact.repeated ? 'enqueued again' : 'enqueued';
    case 'cancelAnswered':
      return `cancel: ${fact.outcome}`;
    case 'stopForced':
      return fact.byFarEnd ? 'stopForced: a store or topic is away' : 'stopForced';
    default:
      return fact.kind;
  }
}
