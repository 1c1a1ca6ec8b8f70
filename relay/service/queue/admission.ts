import { decodeQueued, type DecodedQueued, type QueuedMessage } from '../../protocol/queue/queued.ts';
import type { Signer } from '../../model/signer.ts';

/** What becomes of a message that a lane yields, before anything else happens to it. */
export type Admission =
  | { readonly outcome: 'take'; readonly queued: QueuedMessage }
  /**
   * Version 1 bears no `mac`: taken where a document has that content (`isContentOf`), deadLettered as NOT_SIGNED otherwise.
   */
  | { readonly outcome: 'check'; readonly queued: QueuedMessage }
  /** Of a newer relay: back to Pub/Sub, for a worker that knows it. */
  | { readonly outcome: 'handBack'; readonly detail: string }
  | ({ readonly outcome: 'deadLetter' } & Rejection);

/** Without a `messageId` where the message that lives under that id is another one, or may be. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** For people; never a token or payload value. */
  readonly detail: string;
  readonly messageId?: string;
}

export const REJECTION_REASONS = [
  'QUEUE_NOT_SIGNED',
  'TOO_LARGE',
  'NOT_JSON',
  'INVALID_MESSAGE',
  'WRONG_SENDER',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

export const NOT_SIGNED: Rejection = {
  reason: 'QUEUE_NOT_SIGNED',
  detail: 'its attribute "mac" is missing or was not made with our key',
};

export interface AdmissionPorts {
  readonly senderId: string;
  readonly signer: Signer;
}

/** Whoever may publish to the queue may put anything into it: only what bears a `mac` of ours is acted upon. */
export function admissionOf(
  { senderId, signer }: AdmissionPorts,
  data: Uint8Array,
  mac: string | undefined,
): Admission {
  const decoded = decodeQueued(data);
  if (!decoded.ok && decoded.reason === 'TOO_LARGE') return deadLettered(decoded);
  const signed = signer.verify(data, mac);
  if (!decoded.ok) return failureAdmission(decoded, signed);
  if (!signed && decoded.version !== 1) return { outcome: 'deadLetter', ...NOT_SIGNED };
  if (decoded.value.senderId !== senderId) {
    return { outcome: 'deadLetter', reason: 'WRONG_SENDER', detail: `this queue is for sender ${senderId}` };
  }
  return { outcome: signed ? 'take' : 'check', queued: decoded.value };
}

type DecodeFailure = Extract<DecodedQueued, { ok: false }>;

/** A newer version may sign in another way, so it need not be signed in ours: it goes back, which harms nobody. */
function failureAdmission(failure: DecodeFailure, signed: boolean): Admission {
  if (failure.reason === 'UNKNOWN_VERSION') return { outcome: 'handBack', detail: failure.detail };
  return signed ? deadLettered(failure) : { outcome: 'deadLetter', ...NOT_SIGNED };
}

const deadLettered = ({ reason, detail, messageId }: DecodeFailure): Admission => ({
  outcome: 'deadLetter',
  reason: reason === 'UNKNOWN_VERSION' ? 'INVALID_MESSAGE' : reason,
  detail,
  ...(messageId !== undefined && { messageId }),
});
