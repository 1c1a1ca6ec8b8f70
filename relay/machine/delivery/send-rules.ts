import { NO_ANSWER } from '../../model/outcome.ts';
import type { BackoffPolicy } from '../turn/backoff.ts';
import type { RelayConfig } from '../turn/config.ts';
import { waitingState, type Delivery } from './delivery.ts';
import { saysSent } from './snapshot.ts';
import { endOfLifeMs } from '../../model/time-to-live.ts';
import { CLAIM_VALID_MS, IN_HANDS_MS, READ_VALID_MS } from '../../model/timing.ts';

export const expiresAtMs = ({ message: { acceptedAtMs, ttlSeconds } }: Delivery): number =>
  endOfLifeMs(acceptedAtMs, ttlSeconds);

/**
 * The time to live that is left, in whole seconds. Never more than the message was given, even if the clocks of
 * functions and worker differ: FCM would refuse it (INVALID_TTL).
 */
export function secondsToLive(delivery: Delivery, nowMs: number): number {
  return Math.min(delivery.message.ttlSeconds, Math.ceil((expiresAtMs(delivery) - nowMs) / 1_000));
}

/** As `error`: its connection ended before it was answered, more than once (suspicion.ts). */
export const CONNECTION_LOST = 'CONNECTION_LOST';

/** The backoff of a message after this error. */
export const waitAfter = (
  error: string,
  { retry, unanswered }: Pick<RelayConfig, 'retry' | 'unanswered'>,
): BackoffPolicy => (error === NO_ANSWER ? unanswered : retry);

/** Keeps two workers that wait for a third from coming back, and marking, in the same millisecond. */
const APART_MS = 1_000;

/**
 * Until when another worker may still bring the message to its end, whatever that worker's clock says; 0: it will not.
 * @param random 0 ≤ random < 1
 */
export function inHandsUntilMs({ document: { record } }: Delivery, nowMs: number, random: number): number {
  if (!saysSent(record)) return 0;
  const untilMs = Math.min(record.updatedAtMs, nowMs) + IN_HANDS_MS;
  return untilMs > nowMs ? untilMs + random * APART_MS : 0;
}

/** We know something that the document does not say yet. */
export function hasNews(delivery: Delivery): boolean {
  const { attempts, lastError, document } = delivery;
  const { record, isOurMark } = document;
  if (isOurMark && waitingState(delivery) === 'queued') return true; // claimed, but not sent
  return (
    attempts > 0 &&
    (record?.attempts !== attempts || record.error !== lastError || record.state !== waitingState(delivery))
  );
}

/** Only a first send may rest on a read, and only on a fresh one; any other needs a valid claim (document.ts). */
export function needsClaim({ document, attempts, maybeSentBefore }: Delivery, nowMs: number): boolean {
  const { claim, readAtMs } = document;
  if (claim.kind === 'held') return nowMs - claim.atMs > CLAIM_VALID_MS;
  return attempts > 0 || maybeSentBefore || nowMs - readAtMs > READ_VALID_MS;
}
