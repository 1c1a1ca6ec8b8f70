import type { Fact } from '../fact.ts';

/** The limits that the relay was configured with. */
export interface Limits {
  readonly pendingLimit: number;
  readonly connections: number;
  readonly upstreamLimit: number;
}

/** Documented cases in which an invariant does not hold. Counted separately, never as violations. */
export const KNOWN_EXCEPTIONS = {
  slowAnswer: 'README, promise 2: two copies on two workers, and FCM takes longer than 15 s to answer',
  skewedExpiry:
    'docs/reliability.md: two copies on two workers whose clocks differ, one of which expires it while the other sends',
  slowStore: 'README, promise 2: two copies on two workers, and Firestore fails or is slow to the one that sent it',
  unpublishedCancel:
    'docs/reliability.md: a DELETE cancelled a message in no queue, could not announce it, and was never repeated',
  answeredTwice:
    'docs/reliability.md: FCM answered one send twice, and the second, a refusal, was taken for that of the next',
  cancelHole:
    'docs/decisions.md, exact cancels: the sender was killed before its mark, or could not write to Firestore',
} as const;
export type KnownException = keyof typeof KNOWN_EXCEPTIONS;

/** Reports that an invariant does not hold. @param subject the message, line or worker concerned */
export type Report = (subject: string, what: string, known?: KnownException) => void;

/** Makes the watcher of one invariant, for one run. */
export type Rule = (report: Report, limits: Limits) => (fact: Fact, atMs: number) => void;
