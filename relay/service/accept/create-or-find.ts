import type { MessageKey, MessageStore, StoredMessage } from '../../model/ports.ts';
import type { MessageRecord } from '../../model/record.ts';

export type CreatedOrFound =
  { readonly outcome: 'created' } | { readonly outcome: 'found'; readonly stored: StoredMessage };

/**
 * One for the ordinary case, one for a lost answer, one for a document whose time was over (Firestore's TTL policy)
 * while we looked.
 */
const MAX_ATTEMPTS = 3;

/**
 * Creates the document, or finds the one that is there. Rejects when neither is certain; then one of ours may have been
 * left. A create can succeed and its answer be lost: repeated, by us or by the client library, it says `exists`, and
 * the document is our own. Taken for another's it would never be queued.
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
  throw new Error('the document can be neither created nor read', { cause });
}

/**
 * The random day in `expireAtMs` marks the writer: two of the same millisecond have it in common once in 86 million
 * times.
 */
const isOurs = (stored: MessageRecord, ours: MessageRecord): boolean =>
  stored.createdAtMs === ours.createdAtMs &&
  stored.expireAtMs === ours.expireAtMs &&
  stored.owner === ours.owner &&
  stored.contentHash === ours.contentHash;
