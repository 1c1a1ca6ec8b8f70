import type { Gateway } from './gateway.ts';
import { Batcher } from '../batcher.ts';
import type { Document } from './wire.ts';

/**
 * Documents asked for one by one, fetched many at a time: all of each, or the named fields. The SDK repeats a read that
 * fails on the way.
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
