import type { DeadLetter, DeadLetters } from '../../../relay/model/ports.ts';
import { withFaults, type Faults } from './faults.ts';

export class MemoryDeadLetters implements DeadLetters {
  readonly faults: Faults = {};
  /** Everything that was put, in order. */
  readonly letters: DeadLetter[] = [];

  put(letter: DeadLetter): Promise<void> {
    return withFaults(this.faults, 'put', () => {
      this.letters.push({ ...letter, payload: Uint8Array.from(letter.payload) });
    });
  }
}
