import type { LaneBacklog } from '../../../relay/model/ports.ts';
import type { Priority } from '../../../relay/protocol/legacy/message.ts';
import { withFaults, type Faults } from './faults.ts';

/** Says what it is told to: by default that every lane is empty. */
export class MemoryLaneBacklog implements LaneBacklog {
  readonly faults: Faults = {};
  /** When the oldest message of a lane was published. */
  readonly oldest: Partial<Record<Priority, number | undefined>> = {};
  /** The lanes that were asked about, in order. */
  readonly asked: Priority[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  oldestAtMs(_senderId: string, lane: Priority): Promise<number | undefined> {
    return withFaults(this.faults, 'oldest', () => {
      this.asked.push(lane);
      return lane in this.oldest ? this.oldest[lane] : this.#now();
    });
  }
}
