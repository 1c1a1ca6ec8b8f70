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
 * What is left of it, in whole seconds; never more than it was given, however the clocks of functions and worker differ
 * (INVALID_TTL).
 */
export function secondsToLive(delivery: Delivery, nowMs: number): number {
  return Math.min(delivery.message.ttlSeconds, Math.ceil((expiresAtMs(delivery) - nowMs) / 1_000));
}

/** Its connection ended, more than once, before it was answered (suspicion.ts). */
export const CONNECTION_LOST = 'CONNECTION_LOST';

/** How long a message waits after this error, by its attempts. */
export const waitAfter = (
  error: string,
  { retry, unanswered }: Pick<RelayConfig, 'retry' | 'unanswered'>,
): BackoffPolicy => (error === NO_ANSWER ? unanswered : retry);

/** Two that wait for the same worker shall not come back at the same moment: who made a mark is told by its time. */
const APART_MS = 1_000;

/** Until when another worker may be bringing it to its end, whatever his clock says. @param random 0 ≤ random < 1 */
export function inHandsUntilMs({ document: { record } }: Delivery, nowMs: number, random: number): number {
  if (!saysSent(record)) return 0;
  const untilMs = Math.min(record.updatedAtMs, nowMs) + IN_HANDS_MS;
  return untilMs > nowMs ? untilMs + random * APART_MS : 0;
}

/** There is something that its document does not say yet. */
export function hasNews(delivery: Delivery): boolean {
  const { attempts, lastError, document } = delivery;
  const { record, isOurMark } = document;
  if (isOurMark && waitingState(delivery) === 'queued') return true; // claimed, and not sent
  return (
    attempts > 0 &&
    (record?.attempts !== attempts || record.error !== lastError || record.state !== waitingState(delivery))
  );
}

/**
 * Only the very first send may rest on a read, and only on a fresh one (timing.ts). A claim holds a little longer: its
 * write took as long.
 */
export function needsClaim({ document, attempts, maybeSentBefore }: Delivery, nowMs: number): boolean {
  const { claim, readAtMs } = document;
  if (claim.kind === 'held') return nowMs - claim.atMs > CLAIM_VALID_MS;
  return attempts > 0 || maybeSentBefore || nowMs - readAtMs > READ_VALID_MS;
}
