import type { Clock } from './clock.ts';
import type { Dice } from './dice.ts';
import type { Journal } from './journal.ts';
import type { Faults } from './faults.ts';

/** Shared by every part of the world. */
export interface Environment {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly journal: Journal;
  /** Changes when the calm begins. */
  faults: Faults;
}
