import type { RequestTopic } from '../../../relay/model/ports.ts';
import { withFaults, type Faults } from './faults.ts';

export class MemoryRequestTopic implements RequestTopic {
  readonly faults: Faults = {};
  /** Everything that was submitted, in order. */
  readonly requests: { readonly text: string; readonly attributes: Readonly<Record<string, string>> }[] = [];

  submit(request: Uint8Array, attributes: Readonly<Record<string, string>>): Promise<void> {
    return withFaults(this.faults, 'submit', () => {
      this.requests.push({ text: Buffer.from(request).toString(), attributes });
    });
  }
}
