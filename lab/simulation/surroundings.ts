import type { Clock } from './clock.ts';
import type { Dice } from './dice.ts';
import type { Journal } from './journal.ts';
import type { Trouble } from './trouble.ts';

/** What every part of the world shares. */
export interface Surroundings {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly journal: Journal;
  /** Changes when the world calms down. */
  trouble: Trouble;
}
