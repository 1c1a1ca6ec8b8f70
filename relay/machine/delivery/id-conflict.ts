import { isContentOf } from '../../model/content-hash.ts';
import type { Delivery, DeliveryState } from './delivery.ts';
import { MESSAGE_ID_CONFLICT } from '../../model/delivery-event.ts';
import type { Outcome } from '../../model/outcome.ts';
import { canonicalContent } from '../../protocol/legacy/content.ts';
import type { Shared } from '../turn/shared.ts';

/** Where what was just read decides whether it may be sent. */
const BEFORE_A_SEND: ReadonlySet<DeliveryState> = new Set(['reading', 'claiming']);

/**
 * The document that was read for a message that we have not sent, against the message:
 *
 * | document | content hash | the message |
 * |---|---|---|
 * | none | | goes on: the worker makes one |
 * | there is one | none | goes on: not written by this relay's code |
 * | | that of the message, by either key | goes on |
 * | | another | ends as `nacked`, MESSAGE_ID_CONFLICT (design.md §6); the document is left alone |
 */
export function conflictOf({ state, sentAtMs, queued, known }: Delivery, shared: Shared): Outcome | undefined {
  const contentHash = known?.record?.contentHash;
  if (contentHash === undefined || sentAtMs > 0 || !BEFORE_A_SEND.has(state)) return undefined;
  if (isContentOf(shared, queued, contentHash)) return undefined;
  const conflict = shared.hash(canonicalContent(queued));
  return { state: 'nacked', atMs: shared.turn.nowMs, error: MESSAGE_ID_CONFLICT, conflict };
}
