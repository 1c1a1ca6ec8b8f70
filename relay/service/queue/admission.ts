import { decodeQueued, type DecodedQueued, type QueuedMessage } from '../../protocol/queue/queued.ts';
import type { Signer } from '../../model/signer.ts';

/** What to do with a message pulled from a lane, before anything else. */
export type Admission =
  | { readonly outcome: 'take'; readonly queued: QueuedMessage }
  /** Version 1 has no `mac`: accepted if a document has that content (`isContentOf`), else NOT_SIGNED. */
  | { readonly outcome: 'check'; readonly queued: QueuedMessage }
  /** From a newer relay: back to Pub/Sub, for a worker that understands it. */
  | { readonly outcome: 'handBack'; readonly detail: string }
  | ({ readonly outcome: 'deadLetter' } & Rejection);

/** No `messageId` if the message under that id is, or may be, another one. */
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
  detail: 'attribute "mac" is missing, or was not made with our key',
};

export interface AdmissionPorts {
  readonly senderId: string;
  readonly signer: Signer;
}

/** Anyone who may publish to a lane can put anything there: only messages with our `mac` are acted on. */
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
    return { outcome: 'deadLetter', reason: 'WRONG_SENDER', detail: `the queue belongs to sender ${senderId}` };
  }
  return { outcome: signed ? 'take' : 'check', queued: decoded.value };
}

type DecodeFailure = Extract<DecodedQueued, { ok: false }>;

/** A newer version may sign differently, so it need not be signed our way. Handing it back does no harm. */
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
