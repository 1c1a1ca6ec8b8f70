import type { MessageKey, MessageStore, StoredMessage } from '../../model/ports.ts';
import type { MessageRecord } from '../../model/record.ts';

export type CreatedOrFound =
  { readonly outcome: 'created' } | { readonly outcome: 'found'; readonly stored: StoredMessage };

/** For the ordinary case, a lost answer, and a document that Firestore's TTL policy removed in between. */
const MAX_ATTEMPTS = 3;

/**
 * Creates the document, or finds the existing one. Rejects when neither is certain; a document of ours may exist then.
 * A create can succeed and its answer be lost. The retry, by us or by the client library, then reports `exists` for our
 * own document: mistaken for another's, it would never be queued.
 */
export async function createOrFind(
  store: MessageStore,
  key: MessageKey,
  record: MessageRecord,
): Promise<CreatedOrFound> {
  let cause: unknown;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    try {
      const created = await store.create(key, record);
      if (created.outcome === 'created') return { outcome: 'created' };
      const stored = await store.read(key);
      if (stored !== undefined)
        return isOurs(stored.record, record) ? { outcome: 'created' } : { outcome: 'found', stored };
    } catch (error) {
      cause = error;
    }
  }
  throw new Error('the document could be neither created nor read', { cause });
}

/**
 * The random day in `expireAtMs` marks the writer: two writers in the same millisecond share it once in 86 million
 * times.
 */
const isOurs = (stored: MessageRecord, ours: MessageRecord): boolean =>
  stored.createdAtMs === ours.createdAtMs &&
  stored.expireAtMs === ours.expireAtMs &&
  stored.owner === ours.owner &&
  stored.contentHash === ours.contentHash;
