import type { Fact } from '../fact.ts';

/** What the relay was told to keep to. */
export interface Limits {
  readonly pendingLimit: number;
  readonly connections: number;
  readonly upstreamLimit: number;
}

/**
 * Where README.md or ARCHITECTURE.md says that an invariant does not hold. Counted on their own, never as violations.
 */
export const KNOWN_EXCEPTIONS = {
  slowAnswer: 'README, promise 2: two copies on two workers, and FCM takes longer than 15 s to answer',
  skewedExpiry:
    'docs/reliability.md: two copies on two workers whose clocks differ, one of which expires it while the other sends',
  slowStore: 'README, promise 2: two copies on two workers, and Firestore fails or is slow to the one that sent it',
  untoldCancel:
    'docs/reliability.md: a message in no queue was cancelled by a DELETE that could not announce it, was not answered and not repeated',
  answeredTwice:
    'docs/reliability.md: CCS answered one send twice, and the second answer, a refusal, came in time to be taken for that of the next send',
  cancelHole: 'ARCHITECTURE, exact cancels: the sender was killed before its mark, or could not write to Firestore',
} as const;
export type KnownException = keyof typeof KNOWN_EXCEPTIONS;

/** Says that an invariant does not hold. `subject`: the message, line or worker that the story is about. */
export type Report = (subject: string, what: string, known?: KnownException) => void;

/** One invariant, watching. Made anew for each run. */
export type Rule = (report: Report, limits: Limits) => (fact: Fact, atMs: number) => void;
