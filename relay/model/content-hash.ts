import { canonicalContent } from '../protocol/legacy/content.ts';
import type { QueuedMessage } from '../protocol/queue/queued.ts';
import { isHashOf, type Hashes } from './token-hash.ts';

/** Whether a document with this content hash belongs to the message. */
export const isContentOf = (hashes: Hashes, { senderId, message }: QueuedMessage, contentHash: string): boolean =>
  isHashOf(hashes, canonicalContent({ senderId, message }), contentHash);
