/** What a history may show that must not be, in the words of the table that the run prints. */
export const VIOLATIONS = {
  lost: 'lost: accepted, and not at its end',
  refused: 'refused: a good message was turned away for good',
  unexpected: 'unexpected: received or recorded, never handed in',
  wrongState: 'wrong state: the document says something else than CCS',
  eventMissing: 'event missing: settled, and nobody was told',
  eventWrong: 'event wrong: contradicts the document, or another id for one fact',
  sentAfterEnd: 'sent after its end was stored',
  unexplained: 'sent again with no death to explain it',
  pastBound: 'sent again oftener than the bound allows',
  window: 'window: more than the limit pending on a connection',
  draining: 'sent on a draining connection after its control message',
  upstreamLost: 'upstream lost: not published, or never acked',
  upstreamUnexpected: 'upstream unexpected: published, never sent',
  upstreamEventId: 'upstream: one message under several event ids',
  ackedBeforePublished: 'upstream acked before it was published',
  foreignAck: 'upstream acked on another connection (406), or badly',
  slowStop: 'a stop took 10 s or longer',
  incomplete: 'the history itself has gaps: nothing can be concluded',
} as const;
export type ViolationKind = keyof typeof VIOLATIONS;

export interface Violation {
  readonly kind: ViolationKind;
  /** The message it is about; empty when it is about a connection or a process. */
  readonly id: string;
  readonly detail: string;
}
