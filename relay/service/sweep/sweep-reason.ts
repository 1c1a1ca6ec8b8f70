import type { Priority } from '../../protocol/legacy/message.ts';
import type { Ending } from '../settle/settle.ts';
import { OVERDUE_DESCRIPTION } from '../../model/outcome.ts';
import type { MessageRecord } from '../../model/record.ts';

/** Why the sweep ends a message. `unknown`: expired, but FCM may have it. */
export type SweepReason = 'expired' | 'unknown' | 'cancelled' | 'lost';

/**
 * Workers expire messages to the second. The sweep waits longer, and longer still where an answer from CCS may be on
 * its way.
 */
const OVERDUE = {
  queued: { graceMs: 3_600_000, reason: 'expired' },
  sent: { graceMs: 86_400_000, reason: 'unknown' },
} as const;
/** A DELETE takes seconds (timing.ts): this one died. */
const CANCEL_STALE_MS = 60_000;
/**
 * Never queued, or in a long backlog? A worker acks a message only after its document has settled, and a message is
 * queued right after its document is written. So a document that is unsettled, and was last written well before
 * everything in its lane was published, has no message there. "Well" covers a function that takes two minutes between
 * its writes, and clocks that differ.
 */
const LOST_AFTER_MS = 3_600_000;

export const NOT_IN_QUEUE = 'NOT_IN_QUEUE';

const LOST: Ending = {
  state: 'dead',
  error: NOT_IN_QUEUE,
  errorDescription: 'not in its queue: the function died before queueing it, or the queue was deleted or purged',
};

const ENDINGS: Readonly<Record<SweepReason, Ending>> = {
  expired: { state: 'expired' },
  unknown: { state: 'unknown', errorDescription: OVERDUE_DESCRIPTION.unknown },
  cancelled: { state: 'cancelled' },
  lost: LOST,
};

/** A message sent without an answer ends as `unknown`, however it was lost (guarantee 9). */
export const endingOf = (reason: SweepReason, { state }: Pick<MessageRecord, 'state'>): Ending =>
  reason === 'lost' && state === 'sent' ? { ...LOST, state: 'unknown' } : ENDINGS[reason];

/** @param oldestAtMs of LaneBacklog; called only where the answer decides */
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
