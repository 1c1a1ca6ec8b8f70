import type { SweepProgress, SweepProgressStore } from '../../../relay/model/ports.ts';
import { withFaults, type Faults } from './faults.ts';

export class MemorySweepProgress implements SweepProgressStore {
  readonly faults: Faults = {};
  /** What was saved, in order. */
  readonly saved: SweepProgress[] = [];
  readonly #progress = new Map<string, SweepProgress>();

  load(senderId: string): Promise<SweepProgress> {
    return withFaults(this.faults, 'load', () => this.#progress.get(senderId) ?? { unpublished: [] });
  }

  save(senderId: string, progress: SweepProgress): Promise<void> {
    return withFaults(this.faults, 'save', () => {
      this.saved.push(progress);
      this.#progress.set(senderId, progress);
    });
  }
}
