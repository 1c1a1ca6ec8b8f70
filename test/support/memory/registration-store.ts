import type { RegistrationStore } from '../../../relay/model/ports.ts';
import type { RegistrationRecord } from '../../../relay/model/record.ts';
import { withFaults, type Faults } from './faults.ts';

export class MemoryRegistrationStore implements RegistrationStore {
  readonly faults: Faults = {};
  readonly #documents = new Map<string, RegistrationRecord>();

  mark(senderId: string, tokenHash: string, record: RegistrationRecord): Promise<void> {
    return withFaults(this.faults, 'mark', () => {
      this.#documents.set(`${senderId}/${tokenHash}`, structuredClone(record));
    });
  }

  /** For tests: what stands there now. */
  record(senderId: string, tokenHash: string): RegistrationRecord | undefined {
    return this.#documents.get(`${senderId}/${tokenHash}`);
  }

  get size(): number {
    return this.#documents.size;
  }
}
