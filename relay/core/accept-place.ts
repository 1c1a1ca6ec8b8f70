import type { MessageKey, MessageStore, StoredMessage, Version } from './ports.ts';
import type { MessageRecord } from './record.ts';

export type Placed =
  | { readonly whose: 'ours'; readonly version: Version }
  | { readonly whose: 'theirs'; readonly stored: StoredMessage };

/** One for the ordinary case, one for a lost answer, one for a document that was taken back while we looked. */
const PLACE_ATTEMPTS = 3;

/**
 * Creates the document, or finds the one that is there. Rejects when neither is certain; then one of ours may have been left.
 * A create can succeed and its answer be lost: repeated, by us or by the client library, it says `exists`, and the document
 * is our own. Taken for another's it would never be queued.
 */
export async function placeDocument(store: MessageStore, key: MessageKey, record: MessageRecord): Promise<Placed> {
  let cause: unknown;
  for (let attempt = 1; attempt <= PLACE_ATTEMPTS; attempt += 1) {
    try {
      const created = await store.create(key, record);
      if (created.outcome === 'created') return { whose: 'ours', version: created.version };
      const stored = await store.read(key);
      if (stored !== undefined) return isOurs(stored.record, record) ? { whose: 'ours', version: stored.version } : { whose: 'theirs', stored };
    } catch (error) {
      cause = error;
    }
  }
  throw new Error('the document can be neither created nor read', { cause });
}

/** The random day in `expireAtMs` marks the writer: two of the same millisecond have it in common once in 86 million times. */
const isOurs = (stored: MessageRecord, ours: MessageRecord): boolean =>
  stored.createdAtMs === ours.createdAtMs && stored.expireAtMs === ours.expireAtMs && stored.contentHash === ours.contentHash;

/** As well as it can be done, tried twice. One that is left behind is queued by its caller's repeat, or ended by the sweep. */
export async function takeBack(store: MessageStore, key: MessageKey, version: Version): Promise<void> {
  const remove = (): Promise<void> => store.remove(key, version);
  await remove().catch(remove).catch(() => undefined);
}
