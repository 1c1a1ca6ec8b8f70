import type { RelayEvent } from '../../../relay/model/event.ts';
import type { EventPublisher } from '../../../relay/model/ports.ts';
import { withFaults, type Faults } from './faults.ts';

export class MemoryEventPublisher implements EventPublisher {
  readonly faults: Faults = {};
  /** Everything that was published, in order. */
  readonly events: RelayEvent[] = [];

  publish(event: RelayEvent): Promise<void> {
    return withFaults(this.faults, 'publish', () => {
      this.events.push(event);
    });
  }
}
