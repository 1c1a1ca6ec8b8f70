import type { Accepted, Refused } from './link.ts';
import type { DeliveryRecord, TerminalState } from './record.ts';
import { isDeadTokenCode } from './verdict.ts';

/** What documents and events show as `error` of a message that waits after a send that was never answered. */
export const NO_ANSWER = 'NO_ANSWER';

/** How a message ended. */
export interface Outcome {
  readonly state: TerminalState;
  readonly atMs: number;
  readonly error?: string;
  readonly errorDescription?: string;
  /**
   * The document under its id is another message's: by the hash of its own content it is told of (delivery-event.ts).
   */
  readonly conflict?: string;
  /** FCM named a token that replaces the one used. */
  readonly canonicalToken?: string;
}

export const ackedOutcome = ({ canonicalToken }: Pick<Accepted, 'canonicalToken'>, atMs: number): Outcome => ({
  state: 'acked',
  atMs,
  ...(canonicalToken !== undefined && { canonicalToken }),
});

export const refusedOutcome = (
  { code, description }: Pick<Refused, 'code' | 'description'>,
  atMs: number,
): Outcome => ({
  state: 'nacked',
  atMs,
  error: code,
  ...(description !== undefined && { errorDescription: description }),
});

/** `errorDescription` of a message whose time to live is over, by its state. */
export const OVERDUE_DESCRIPTION = {
  expired: 'time_to_live expired before FCM accepted the message',
  unknown: 'time_to_live expired after a send that FCM never answered',
} as const;

/**
 * Its time to live is over: `expired` only where FCM certainly has not taken it, else `unknown` (guarantee 9).
 * @param fate.lastError the answer that it was last refused with, if it ever was
 */
export const overdueOutcome = (
  { maybeTaken, lastError }: { maybeTaken: boolean; lastError: string | undefined },
  atMs: number,
): Outcome => {
  const state = maybeTaken ? 'unknown' : 'expired';
  return {
    state,
    atMs,
    ...(lastError !== undefined && { error: lastError }),
    errorDescription: OVERDUE_DESCRIPTION[state],
  };
};

/**
 * Given up because at least the last two sends were never answered: FCM may have it or not (guarantee 9).
 */
export const noAnswerOutcome = (attempts: number, atMs: number): Outcome => ({
  state: 'unknown',
  atMs,
  error: NO_ANSWER,
  errorDescription:
    `sent ${attempts} times: FCM answered other messages, ` + 'and did not answer the last sends of this one',
});

export const cancelledOutcome = (atMs: number): Outcome => ({ state: 'cancelled', atMs });

/** The one write that makes a terminal state. */
export const settlingChange = (outcome: Outcome, attempts: number): DeliveryRecord => ({
  state: outcome.state,
  attempts,
  error: outcome.error,
  errorDescription: outcome.errorDescription,
  cancelRequestedAtMs: undefined,
  settledAtMs: outcome.atMs,
  updatedAtMs: outcome.atMs,
});

/** What a document in a terminal state says; a hand-made one may lack the time. */
export const recordedOutcome = (record: DeliveryRecord, state: TerminalState): Outcome => ({
  state,
  atMs: record.settledAtMs ?? record.updatedAtMs,
  ...(record.error !== undefined && { error: record.error }),
  ...(record.errorDescription !== undefined && { errorDescription: record.errorDescription }),
});

/** The code with which the outcome says that the token itself is dead; `undefined` otherwise. */
export const deadTokenError = ({ state, error }: Outcome): string | undefined =>
  state === 'nacked' && error !== undefined && isDeadTokenCode(error) ? error : undefined;
