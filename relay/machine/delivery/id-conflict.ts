import type { Delivery } from './delivery.ts';
import { accepts } from './delivery-table.ts';
import { MESSAGE_ID_CONFLICT } from '../../model/delivery-event.ts';
import type { Outcome } from '../../model/outcome.ts';
import { contentText } from '../../model/message.ts';
import { isHashOf } from '../../model/token-hash.ts';
import type { Shared } from '../turn/shared.ts';

/**
 * Whether the document under a message's id is its own, asked when it is read before the first send:
 *
 * | document | content hash | the message |
 * |---|---|---|
 * | none | | goes on: the worker creates one |
 * | there is one | none | goes on: this relay did not write it |
 * | | the message's, by either key | goes on |
 * | | another | ends as `nacked`, MESSAGE_ID_CONFLICT (design.md §6); the document is not touched |
 */
export function conflictOf(delivery: Delivery, shared: Shared): Outcome | undefined {
  const { sentAtMs, message, document } = delivery;
  const contentHash = document.record?.contentHash;
  if (contentHash === undefined || sentAtMs > 0 || !accepts(delivery, 'conflict')) return undefined;
  const text = contentText(message);
  if (isHashOf(shared, text, contentHash)) return undefined;
  const conflict = shared.hash(text);
  return { state: 'nacked', atMs: shared.turn.nowMs, error: MESSAGE_ID_CONFLICT, conflict };
}
