import type { Gateway } from './gateway.ts';
import { Batcher } from '../batcher.ts';
import type { Document } from './wire.ts';

/**
 * Batches single reads into one RPC: whole documents, or the given fields. The SDK retries reads that fail in transit.
 */
export class DocumentReads {
  readonly #group: Batcher<string, Document | undefined>;

  constructor(gateway: Gateway, fieldPaths?: readonly string[]) {
    this.#group = new Batcher({
      perform: async (names) => {
        const found = await gateway.batchGet([...new Set(names)], fieldPaths);
        return names.map((name) => ({ status: 'fulfilled', value: found.get(name) }));
      },
      maxItems: 200,
      maxBytes: Number.POSITIVE_INFINITY,
      maxInFlight: 8,
      lingerMs: 20,
    });
  }

  read(name: string): Promise<Document | undefined> {
    return this.#group.add(name);
  }

  drain(): Promise<void> {
    return this.#group.drain();
  }
}
