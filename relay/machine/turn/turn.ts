import type { Effect } from './effect.ts';
import type { Note } from './note.ts';

/** One call of `Relay.on`: its time and its effects so far. Shared by all parts of the machine. */
export class Turn {
  nowMs = 0;
  #effects: Effect[] = [];
  readonly #random: () => number;

  /** @param random 0 ≤ random() < 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  random(): number {
    return this.#random();
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  note(note: Note): void {
    this.#effects.push({ kind: 'note', note });
  }

  /** The effects since the last call, in order. */
  take(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
