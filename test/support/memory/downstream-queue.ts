import type { DownstreamQueue } from '../../../relay/model/ports.ts';
import type { QueuedMessage } from '../../../relay/protocol/queue/queued.ts';
import { withFaults, type Faults } from './faults.ts';

export class MemoryDownstreamQueue implements DownstreamQueue {
  readonly faults: Faults = {};
  /** Everything that was enqueued, in order. */
  readonly queued: QueuedMessage[] = [];

  enqueue(queued: QueuedMessage): Promise<void> {
    return withFaults(this.faults, 'enqueue', () => {
      this.queued.push(structuredClone(queued));
    });
  }
}
