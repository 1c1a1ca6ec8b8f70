import type {
  MessageKey,
  MessageStore,
  StoredMessage,
  UnsettledMessages,
  Version,
} from '../../../relay/model/ports.ts';
import { isTerminal, type MessageRecord, type RecordChange } from '../../../relay/model/record.ts';
import { withFaults, type Faults } from './faults.ts';

const pathOf = (key: MessageKey): string => `${key.senderId}/${key.messageId}`;

/** Firestore orders ids by their UTF-8 bytes; JavaScript compares UTF-16. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** `undefined` removes a field, an absent key leaves it. */
function changed(record: MessageRecord, change: RecordChange): MessageRecord {
  const merged = { ...record, ...change };
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== undefined),
  ) as unknown as MessageRecord;
}

export class MemoryMessageStore implements MessageStore, UnsettledMessages {
  readonly faults: Faults = {};
  readonly #documents = new Map<string, StoredMessage & { readonly key: MessageKey }>();
  #writes = 0;

  read(key: MessageKey): Promise<StoredMessage | undefined> {
    return withFaults(this.faults, 'read', () => this.#stored(key));
  }

  create(key: MessageKey, record: MessageRecord): ReturnType<MessageStore['create']> {
    return withFaults(this.faults, 'create', () => {
      if (this.#documents.has(pathOf(key))) return { outcome: 'exists' };
      return { outcome: 'created', version: this.#write(key, record) };
    });
  }

  update(key: MessageKey, version: Version, change: RecordChange): ReturnType<MessageStore['update']> {
    return withFaults(this.faults, 'update', () => {
      const stored = this.#documents.get(pathOf(key));
      if (stored?.version !== version) return { outcome: 'conflict' };
      return { outcome: 'written', version: this.#write(key, changed(stored.record, change)) };
    });
  }

  page(senderId: string, afterMessageId: string | undefined, limit: number): ReturnType<UnsettledMessages['page']> {
    return withFaults(this.faults, 'page', () =>
      [...this.#documents.values()]
        .filter(({ key, record }) => key.senderId === senderId && !isTerminal(record.state))
        .filter(({ key }) => afterMessageId === undefined || byBytes(key.messageId, afterMessageId) > 0)
        .sort((a, b) => byBytes(a.key.messageId, b.key.messageId))
        .slice(0, limit)
        .map(({ key, record, version }) => ({ messageId: key.messageId, record, version })),
    );
  }

  /** For tests: what stands there now. */
  record(key: MessageKey): MessageRecord | undefined {
    return this.#documents.get(pathOf(key))?.record;
  }

  /** For tests: writes it whatever stands there. */
  put(key: MessageKey, record: MessageRecord): Version {
    return this.#write(key, record);
  }

  /** For tests: as Firestore's TTL policy does it. */
  delete(key: MessageKey): void {
    this.#documents.delete(pathOf(key));
  }

  get size(): number {
    return this.#documents.size;
  }

  #stored(key: MessageKey): StoredMessage | undefined {
    const stored = this.#documents.get(pathOf(key));
    return stored && { record: stored.record, version: stored.version };
  }

  #write(key: MessageKey, record: MessageRecord): Version {
    const version = `v${++this.#writes}` as Version;
    this.#documents.set(pathOf(key), { key, record: structuredClone(record), version });
    return version;
  }
}
