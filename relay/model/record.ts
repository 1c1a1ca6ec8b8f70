import type { Priority } from '../protocol/legacy/message.ts';

/** A message's document (design.md §4). Times are milliseconds since 1970. */
export interface MessageRecord {
  readonly state: MessageState;
  readonly target: RecordedTarget;
  readonly priority: Priority;
  readonly timeToLiveSeconds: number;
  /** Known sends to FCM so far. */
  readonly attempts: number;
  readonly error?: string;
  readonly errorDescription?: string;
  /** Who handed the message in (principal.ts says of what kinds); older documents may have anything. */
  readonly owner?: string;
  /** Keyed hash of the normalised content: tells a repeat from another message under the same id. */
  readonly contentHash?: string;
  /** Set by a DELETE, which then waits to see whether the message is being sent (relay/service/settle/cancel.ts). */
  readonly cancelRequestedAtMs?: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly settledAtMs?: number;
  /** Dead letters published up to this time, by Pub/Sub's clock, have been replayed and no longer count. */
  readonly replayedToMs?: number;
  /** When Firestore's TTL policy removes the document. */
  readonly expireAtMs: number;
}

export type RecordedTarget =
  | { readonly kind: 'token' | 'group'; readonly hash: string }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'condition'; readonly condition: string };

/**
 * `queued`: FCM does not have it (never sent, or every send was refused). `sent`: FCM may have it. The terminal states
 * `expired` and `unknown` differ in the same way (guarantee 9).
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

/** What may change in a document. `undefined` removes a field; an absent key leaves it as it is. */
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
 * The part of a document that a worker reads. It writes all of that but the request to cancel and the content's hash.
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
