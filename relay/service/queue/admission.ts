import { decodeQueued, type DecodedQueued, type QueuedMessage } from '../../protocol/queue/queued.ts';
import type { Seal } from '../../model/seal.ts';

/** What becomes of a message that a lane yields, before anything else happens to it. */
export type Admission =
  | { readonly outcome: 'take'; readonly queued: QueuedMessage }
  /**
   * Version 1 bears no `mac`: taken where a document has that content (`isContentOf`), buried as NOT_SIGNED otherwise.
   */
  | { readonly outcome: 'check'; readonly queued: QueuedMessage }
  /** Of a newer relay: back to Pub/Sub, for a worker that knows it. */
  | { readonly outcome: 'handBack'; readonly detail: string }
  | ({ readonly outcome: 'bury' } & Burying);

/** Without a `messageId` where the message that lives under that id is another one, or may be. */
export interface Burying {
  readonly reason: BuriedReason;
  /** For people; never a token or payload value. */
  readonly detail: string;
  readonly messageId?: string;
}

export const BURIED_REASONS = ['QUEUE_NOT_SIGNED', 'TOO_LARGE', 'NOT_JSON', 'INVALID_MESSAGE', 'WRONG_SENDER'] as const;
export type BuriedReason = (typeof BURIED_REASONS)[number];

export const NOT_SIGNED: Burying = {
  reason: 'QUEUE_NOT_SIGNED',
  detail: 'its attribute "mac" is missing or was not made with our key',
};

export interface AdmissionPorts {
  readonly senderId: string;
  readonly seal: Seal;
}

/** Whoever may publish to the queue may put anything into it: only what bears a `mac` of ours is acted upon. */
export function admissionOf({ senderId, seal }: AdmissionPorts, data: Uint8Array, mac: string | undefined): Admission {
  const decoded = decodeQueued(data);
  if (!decoded.ok && decoded.reason === 'TOO_LARGE') return buried(decoded);
  const signed = seal.holds(data, mac);
  if (!decoded.ok) return refusalOf(decoded, signed);
  if (!signed && decoded.version !== 1) return { outcome: 'bury', ...NOT_SIGNED };
  if (decoded.value.senderId !== senderId) {
    return { outcome: 'bury', reason: 'WRONG_SENDER', detail: `this queue is for sender ${senderId}` };
  }
  return { outcome: signed ? 'take' : 'check', queued: decoded.value };
}

type Refusal = Extract<DecodedQueued, { ok: false }>;

/** A newer version may sign in another way, so it need not be signed in ours: it goes back, which harms nobody. */
function refusalOf(refusal: Refusal, signed: boolean): Admission {
  if (refusal.reason === 'UNKNOWN_VERSION') return { outcome: 'handBack', detail: refusal.detail };
  return signed ? buried(refusal) : { outcome: 'bury', ...NOT_SIGNED };
}

const buried = ({ reason, detail, messageId }: Refusal): Admission => ({
  outcome: 'bury',
  reason: reason === 'UNKNOWN_VERSION' ? 'INVALID_MESSAGE' : reason,
  detail,
  ...(messageId !== undefined && { messageId }),
});
