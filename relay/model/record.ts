import type { Priority } from '../protocol/legacy/message.ts';

/** What a message's document says of it (design.md, Firestore). Times are milliseconds since 1970. */
export interface MessageRecord {
  readonly state: MessageState;
  readonly target: RecordedTarget;
  readonly priority: Priority;
  readonly timeToLiveSeconds: number;
  /** Sends to CCS so far that are known of. */
  readonly attempts: number;
  readonly error?: string;
  readonly errorDescription?: string;
  /** Who handed the message in (principal.ts says of what kinds); older documents may have anything. */
  readonly owner?: string;
  /** Keyed hash of the normalised content: tells a repeat from another message under the same id. */
  readonly contentHash?: string;
  /** Set by a DELETE that waits to see whether the message is on its way already (relay/service/settle/cancel.ts). */
  readonly cancelRequestedAtMs?: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly settledAtMs?: number;
  /**
   * Dead letters that were published up to this moment, by Pub/Sub's clock, have been replayed: they speak of an
   * earlier life.
   */
  readonly replayedToMs?: number;
  /** When Firestore's TTL policy removes the document. */
  readonly expireAtMs: number;
}

export type RecordedTarget =
  | { readonly kind: 'token' | 'group'; readonly hash: string }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'condition'; readonly condition: string };

/**
 * `queued`: FCM has not got it: never sent, or every send was refused and it waits for the next. `sent`: FCM may have
 * it. The terminal `expired` and `unknown` differ in the same way: time was over, and FCM certainly has not got it, or
 * nobody knows (guarantee 9).
 */
export const MESSAGE_STATES = ['queued', 'sent', 'acked', 'nacked', 'expired', 'unknown', 'cancelled', 'dead'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

const TERMINAL: Readonly<Record<MessageState, boolean>> = {
  queued: false,
  sent: false,
  acked: true,
  nacked: true,
  expired: true,
  unknown: true,
  cancelled: true,
  dead: true,
};
export type TerminalState = 'acked' | 'nacked' | 'expired' | 'unknown' | 'cancelled' | 'dead';
export const isTerminal = (state: MessageState): state is TerminalState => TERMINAL[state];

/** What may change after the document was made. `undefined` removes a field; an absent key leaves it as it is. */
export interface RecordChange {
  readonly state?: MessageState;
  readonly attempts?: number;
  readonly error?: string | undefined;
  readonly errorDescription?: string | undefined;
  readonly cancelRequestedAtMs?: number | undefined;
  readonly settledAtMs?: number | undefined;
  readonly updatedAtMs: number;
  /** The following four: only when a dead message is opened again (relay/service/dead-letters/replay.ts). */
  readonly replayedToMs?: number;
  readonly timeToLiveSeconds?: number;
  readonly contentHash?: string;
  readonly expireAtMs?: number;
}

/**
 * As much of a document as the delivery of its message asks for; a write of the worker says all of it but the request
 * to cancel and the content's hash.
 */
export type DeliveryRecord = Pick<MessageRecord, 'state' | 'attempts' | 'updatedAtMs' | 'contentHash'> &
  Pick<RecordChange, 'error' | 'errorDescription' | 'settledAtMs' | 'cancelRequestedAtMs'>;

export interface RegistrationRecord {
  readonly state: 'unregistered' | 'bad' | 'replaced';
  /** Keyed hash of the canonical token, when `replaced`. */
  readonly replacedByHash?: string;
  readonly atMs: number;
  readonly expireAtMs: number;
}
