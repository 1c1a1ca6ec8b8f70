import { queuedRecord } from '../../relay/core/accept-record.ts';
import type { MessageKey, MessageStore, StoredMessage, Version } from '../../relay/core/ports.ts';
import type { MessageRecord, RecordChange } from '../../relay/core/record.ts';

const QUEUED = 'queued' as Version;
const RECORD = queuedRecord(
  { hash: () => 'hash', now: Date.now, random: () => 0 },
  { senderId: '1', message: { message_id: 'any', to: 'any', priority: 'normal', time_to_live: 3_600 } },
  'bench',
);

/**
 * Every message has been accepted; nothing is kept but what was changed, and that only until `forget`. So it costs next to nothing, unlike
 * test/support/memory, which copies what it is given.
 */
export class MemoryMessages implements MessageStore {
  readonly #changed = new Map<string, StoredMessage>();

  read({ messageId }: MessageKey): Promise<StoredMessage> {
    return Promise.resolve(this.#stored(messageId));
  }

  create(): ReturnType<MessageStore['create']> {
    return Promise.resolve({ outcome: 'exists' });
  }

  update({ messageId }: MessageKey, expected: Version, change: RecordChange): ReturnType<MessageStore['update']> {
    const { record, version } = this.#stored(messageId);
    if (version !== expected) return Promise.resolve({ outcome: 'conflict' });
    const next = `${version}+` as Version;
    this.#changed.set(messageId, { record: { ...record, ...change } as MessageRecord, version: next });
    return Promise.resolve({ outcome: 'written', version: next });
  }

  /** The last state of a message that has come to its end. */
  forget(messageId: string): MessageRecord {
    const { record } = this.#stored(messageId);
    this.#changed.delete(messageId);
    return record;
  }

  #stored(messageId: string): StoredMessage {
    return this.#changed.get(messageId) ?? { record: RECORD, version: QUEUED };
  }
}
