import type { MessageKey, MessageStore, RegistrationStore, StoredMessage, Version } from '../../relay/model/ports.ts';
import type { MessageRecord, RecordChange } from '../../relay/model/record.ts';
import type { SimulatedFirestore } from './firestore.ts';
import type { Process } from './process.ts';

/** Firestore as one process reaches it. */
export class SimulatedStore implements MessageStore, RegistrationStore {
  readonly #process: Process;
  readonly #firestore: SimulatedFirestore;

  constructor(process: Process, firestore: SimulatedFirestore) {
    this.#process = process;
    this.#firestore = firestore;
  }

  read({ messageId: id }: MessageKey): Promise<StoredMessage | undefined> {
    return this.#ask(id, () => this.#firestore.documents.read(id));
  }

  async create({ messageId: id }: MessageKey, record: MessageRecord): ReturnType<MessageStore['create']> {
    const version = await this.#ask(id, () =>
      this.#firestore.documents.create({ worker: this.#process.actor, id }, record),
    );
    return version === undefined ? { outcome: 'exists' } : { outcome: 'created', version };
  }

  async update(
    { messageId: id }: MessageKey,
    version: Version,
    change: RecordChange,
  ): ReturnType<MessageStore['update']> {
    const written = await this.#ask(id, () =>
      this.#firestore.documents.update({ worker: this.#process.actor, id }, version, change),
    );
    return written === undefined ? { outcome: 'conflict' } : { outcome: 'written', version: written };
  }

  /** Only takes time, and may fail. */
  mark(_senderId: string, tokenHash: string): Promise<void> {
    return this.#ask(tokenHash, () => undefined);
  }

  #ask<T>(id: string, work: () => T): Promise<T> {
    return this.#firestore.ask(this.#process, id, work);
  }
}
