import type { DeliveryRecord } from '../../model/record.ts';
import { saysUnsent } from './snapshot.ts';

/**
 * What our last claim is worth for the next send (document.ts: "A claim").
 * - `none`: not claimed, or the claim was used by a send.
 * - `contested`: claimed, but another worker may be about to send on an older read: claim again after CANCEL_WAIT_MS.
 * - `held`: the document says `sent` for our next send, and nobody else sends while the claim is valid.
 */
export type Claim =
  | { readonly kind: 'none' }
  | { readonly kind: 'contested' }
  /** `atMs`: when the claim was written, milliseconds since 1970. */
  | { readonly kind: 'held'; readonly atMs: number };

export const UNCLAIMED: Claim = { kind: 'none' };
const CONTESTED: Claim = { kind: 'contested' };

/**
 * The rule for a second claim: what it was to write `sent` over a document that said `before`. Where that showed no
 * send although another worker has or had the message, the first claim only makes that worker's writes fail.
 */
export const claimOver = (before: DeliveryRecord | undefined, maybeSentBefore: boolean, atMs: number): Claim =>
  maybeSentBefore && saysUnsent(before) ? CONTESTED : { kind: 'held', atMs };
