import type { StoredMessage, Version } from '../../relay/model/ports.ts';
import { isTerminal, type MessageRecord, type RecordChange } from '../../relay/model/record.ts';
import type { Actor } from './fact.ts';
import type { Journal } from './journal.ts';

/** Which actor writes which document. */
interface Writing {
  readonly worker: Actor;
  readonly id: string;
}

/** The messages' documents, with versions: Firestore's contents, without the network in front of it. */
export class Documents {
  readonly #journal: Journal;
  readonly #documents = new Map<string, StoredMessage>();
  #version = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  read(id: string): StoredMessage | undefined {
    return this.#documents.get(id);
  }

  /** `undefined`: it exists already. */
  create(writing: Writing, record: MessageRecord): Version | undefined {
    return this.#documents.has(writing.id) ? undefined : this.#put(writing, record);
  }

  /** `undefined`: it is at another version. */
  update(writing: Writing, version: Version, change: RecordChange): Version | undefined {
    const stored = this.#documents.get(writing.id);
    if (stored?.version !== version) return undefined;
    const fields = Object.fromEntries(
      Object.entries({ ...stored.record, ...change }).filter(([, value]) => value !== undefined),
    );
    return this.#put(writing, fields as unknown as MessageRecord);
  }

  unsettled(): (StoredMessage & { messageId: string })[] {
    return [...this.#documents]
      .filter(([, { record }]) => !isTerminal(record.state))
      .map(([messageId, stored]) => ({ ...stored, messageId }));
  }

  #put({ worker, id }: Writing, record: MessageRecord): Version {
    const before = this.#documents.get(id)?.record.state;
    const version = String(++this.#version) as Version;
    this.#documents.set(id, { record, version });
    this.#journal.note({ kind: 'stored', worker, id, before, state: record.state });
    return version;
  }
}
