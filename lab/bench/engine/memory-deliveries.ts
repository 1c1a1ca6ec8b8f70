import type { DeliveryStore, MessageKey, StoredDelivery, Version } from '../../../relay/model/ports.ts';
import type { DeliveryRecord, RecordChange } from '../../../relay/model/record.ts';

const QUEUED: StoredDelivery = {
  record: { state: 'queued', attempts: 0, updatedAtMs: 0 },
  version: 'queued' as Version,
};

/**
 * Every message counts as accepted; only changes are stored, and only until `forget`. So it costs next to nothing,
 * unlike test/support/memory, which copies what it is given.
 */
export class MemoryDeliveries implements DeliveryStore {
  readonly #changed = new Map<string, StoredDelivery>();

  read({ messageId }: MessageKey): Promise<StoredDelivery> {
    return Promise.resolve(this.#stored(messageId));
  }

  create(): ReturnType<DeliveryStore['create']> {
    return Promise.resolve({ outcome: 'exists' });
  }

  update({ messageId }: MessageKey, expected: Version, change: RecordChange): ReturnType<DeliveryStore['update']> {
    const { record, version } = this.#stored(messageId);
    if (version !== expected) return Promise.resolve({ outcome: 'conflict' });
    const next = `${version}+` as Version;
    this.#changed.set(messageId, { record: { ...record, ...change }, version: next });
    return Promise.resolve({ outcome: 'written', version: next });
  }

  /** The last state of a message that has settled. */
  forget(messageId: string): DeliveryRecord {
    const { record } = this.#stored(messageId);
    this.#changed.delete(messageId);
    return record;
  }

  #stored(messageId: string): StoredDelivery {
    return this.#changed.get(messageId) ?? QUEUED;
  }
}
