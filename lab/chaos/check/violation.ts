/** What must not occur in a history, in the words of the printed table. */
export const VIOLATIONS = {
  lost: 'lost: accepted, but never settled',
  refused: 'refused: a valid message was refused for good',
  unexpected: 'unexpected: received or recorded, but never submitted',
  wrongState: 'wrong state: the document contradicts FCM',
  eventMissing: 'event missing: settled without an event',
  eventWrong: 'event wrong: contradicts the document, or several ids for one fact',
  sentAfterEnd: 'sent after it had settled',
  unexplained: 'repeated without a lost connection to explain it',
  pastBound: 'repeated more often than the bound allows',
  window: 'window: more pending on a connection than the limit',
  draining: 'sent on a draining connection after CONNECTION_DRAINING',
  upstreamLost: 'upstream lost: never published, or never acked',
  upstreamUnexpected: 'upstream unexpected: published, but never sent',
  upstreamEventId: 'upstream: several event ids for one message',
  ackedBeforePublished: 'upstream acked before it was published',
  foreignAck: 'upstream acked on another connection (406), or badly',
  slowStop: 'a shutdown took 10 s or longer',
  incomplete: 'the history has gaps, so nothing can be concluded',
} as const;
export type ViolationKind = keyof typeof VIOLATIONS;

export interface Violation {
  readonly kind: ViolationKind;
  /** The message in question; empty if it is a connection or a process. */
  readonly id: string;
  readonly detail: string;
}
