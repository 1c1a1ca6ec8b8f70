import { NO_ANSWER } from '../../model/outcome.ts';
import type { BackoffPolicy } from '../turn/backoff.ts';
import type { RelayConfig } from '../turn/config.ts';
import { isOurMark, waitingState, type Delivery } from './delivery.ts';
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
export function inHandsUntilMs({ known }: Delivery, nowMs: number, random: number): number {
  const record = known?.record;
  if (record?.state !== 'sent') return 0;
  const untilMs = Math.min(record.updatedAtMs, nowMs) + IN_HANDS_MS;
  return untilMs > nowMs ? untilMs + random * APART_MS : 0;
}

/** There is something that its document does not say yet. */
export function hasNews(delivery: Delivery): boolean {
  const { attempts, lastError, known } = delivery;
  if (isOurMark(delivery) && waitingState(delivery) === 'queued') return true; // claimed, and not sent
  return (
    attempts > 0 &&
    (known?.record?.attempts !== attempts ||
      known.record.error !== lastError ||
      known.record.state !== waitingState(delivery))
  );
}

/**
 * Only the very first send may rest on a read, and only on a fresh one (timing.ts). A claim holds a little longer: its
 * write took as long.
 */
export function needsClaim({ claimedAtMs, attempts, maybeSentBefore, readAtMs }: Delivery, nowMs: number): boolean {
  if (claimedAtMs !== undefined) return nowMs - claimedAtMs > CLAIM_VALID_MS;
  return attempts > 0 || maybeSentBefore || nowMs - readAtMs > READ_VALID_MS;
}
