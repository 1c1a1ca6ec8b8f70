import type { Priority } from '../../protocol/legacy/message.ts';
import type { CloseKind } from '../../model/link.ts';
import type { TerminalState } from '../../model/record.ts';

/** Why a message goes back to Pub/Sub unsettled. */
export const HAND_BACK_REASONS = ['stopping', 'noConnection', 'longWait', 'fullOfWaiting'] as const;
export type HandBackReason = (typeof HAND_BACK_REASONS)[number];

/** `quarantine`: a connection for messages that may end it (delivery/suspicion.ts), beside the regular ones. */
export const PURPOSES = ['regular', 'quarantine'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Why a connection ended. */
export type ConnectionEnd = CloseKind | 'refusedCredentials';

/** What is worth a log line or a counter. Never a token, never a payload. */
export type Note =
  /** `knownBefore`: it was settled already when it was pulled; only its event was published again. */
  | {
      readonly kind: 'settled';
      readonly messageId: string;
      readonly state: TerminalState;
      readonly lane: Priority;
      readonly attempts: number;
      readonly error: string | undefined;
      readonly sinceAcceptedMs: number;
      readonly knownBefore: boolean;
    }
  | { readonly kind: 'sent'; readonly messageId: string; readonly connection: string; readonly attempts: number }
  | { readonly kind: 'answered'; readonly error: string | undefined; readonly tookMs: number }
  | {
      readonly kind: 'resting';
      readonly messageId: string;
      readonly error: string | undefined;
      readonly waitMs: number;
      readonly attempts: number;
    }
  | { readonly kind: 'handedBack'; readonly messageId: string; readonly why: HandBackReason }
  | { readonly kind: 'lost'; readonly connection: string; readonly pending: number }
  /** Its connection ended before its answer again: it is sent alone after a wait (delivery/suspicion.ts). */
  | {
      readonly kind: 'suspected';
      readonly messageId: string;
      readonly connection: string;
      readonly losses: number;
      readonly convictions: number;
    }
  /** An answer to nothing that is pending there: late, repeated or not ours. Harmless. */
  | {
      readonly kind: 'unmatchedAnswer';
      readonly connection: string;
      readonly messageId: string;
      readonly error: string | undefined;
    }
  /** FCM refused something other than a message, such as an ack on the wrong connection: a defect of the relay. */
  | { readonly kind: 'defect'; readonly connection: string; readonly what: string }
  | { readonly kind: 'unknownFrame'; readonly connection: string; readonly reason: string }
  /** Credentials for Apple or web push are missing or refused: someone must act. */
  | { readonly kind: 'pushCredentials'; readonly messageId: string; readonly error: string }
  | { readonly kind: 'opened'; readonly connection: string; readonly purpose: Purpose }
  | { readonly kind: 'draining'; readonly connection: string; readonly pending: number }
  | {
      readonly kind: 'closed';
      readonly connection: string;
      readonly how: ConnectionEnd;
      readonly detail: string;
      readonly nextAttemptInMs: number | undefined;
    }
  | { readonly kind: 'silent'; readonly connection: string; readonly silentMs: number; readonly pending: number }
  | { readonly kind: 'unanswered'; readonly connection: string; readonly pendingMs: number }
  /** FCM answers nothing but "later": sending stops, except for a probe after each wait. */
  | { readonly kind: 'breakerOpen'; readonly waitMs: number }
  | { readonly kind: 'breakerClosed' }
  /** No connection has been open for a while: pulling is paused and `handedBack` messages go back to Pub/Sub. */
  | { readonly kind: 'away'; readonly handedBack: number }
  | { readonly kind: 'backAgain' }
  | { readonly kind: 'upstream'; readonly messageId: string; readonly connection: string; readonly repeated: boolean }
  | { readonly kind: 'upstreamRefused'; readonly connection: string }
  | { readonly kind: 'storeFailed'; readonly messageId: string; readonly failures: number }
  | { readonly kind: 'publishFailed'; readonly failures: number };
