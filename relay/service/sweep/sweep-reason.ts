import type { Priority } from '../../protocol/legacy/message.ts';
import type { Ending } from '../settle/settle.ts';
import type { MessageRecord } from '../../model/record.ts';

/** Why the sweep ends a message. `unknown`: its time is over as with `expired`, but FCM may have it. */
export type SweepReason = 'expired' | 'unknown' | 'cancelled' | 'lost';

/**
 * The worker expires messages to the second; the sweep leaves it that much time, and more where an answer of CCS may be
 * on its way.
 */
const OVERDUE = {
  queued: { graceMs: 3_600_000, reason: 'expired' },
  sent: { graceMs: 86_400_000, reason: 'unknown' },
} as const;
/** A DELETE takes seconds (timing.ts): this one is dead. */
const CANCEL_STALE_MS = 60_000;
/**
 * Never queued, or in a long backlog? A worker acks a message only when its document has settled, and whoever queues
 * one has just written its document. So a document that stands unsettled, last written well before everything that its
 * lane holds was published, has no message there. "Well": a function can take two minutes between its two writes, and
 * the clocks of functions, workers and Pub/Sub differ.
 */
const LOST_AFTER_MS = 3_600_000;

export const NOT_IN_QUEUE = 'NOT_IN_QUEUE';

const LOST: Ending = {
  state: 'dead',
  error: NOT_IN_QUEUE,
  errorDescription:
    'not in its queue: what accepted it died before it could queue it and answer, or the queue was deleted or purged',
};

const ENDINGS: Readonly<Record<SweepReason, Ending>> = {
  expired: { state: 'expired' },
  unknown: {
    state: 'unknown',
    errorDescription: 'time_to_live was over, and a send before that may have reached FCM: its answer never came',
  },
  cancelled: { state: 'cancelled' },
  lost: LOST,
};

/** As it is recorded: one that was sent without an answer may be with FCM, however it was lost (guarantee 9). */
export const endingOf = (reason: SweepReason, { state }: Pick<MessageRecord, 'state'>): Ending =>
  reason === 'lost' && state === 'sent' ? { ...LOST, state: 'unknown' } : ENDINGS[reason];

/** @param oldestAtMs LaneBacklog's: asked only where the answer decides */
export async function sweepReasonOf(
  record: MessageRecord,
  nowMs: number,
  oldestAtMs: (lane: Priority) => Promise<number | undefined>,
): Promise<SweepReason | undefined> {
  const { state, cancelRequestedAtMs, createdAtMs, updatedAtMs, timeToLiveSeconds, priority } = record;
  if (state === 'queued' && cancelRequestedAtMs !== undefined && nowMs - cancelRequestedAtMs > CANCEL_STALE_MS)
    return 'cancelled';
  const overdue = OVERDUE[state === 'sent' ? 'sent' : 'queued'];
  if (nowMs > createdAtMs + timeToLiveSeconds * 1_000 + overdue.graceMs) return overdue.reason;
  if (nowMs <= updatedAtMs + LOST_AFTER_MS) return undefined;
  const oldest = await oldestAtMs(priority);
  return oldest !== undefined && updatedAtMs + LOST_AFTER_MS < oldest ? 'lost' : undefined;
}
