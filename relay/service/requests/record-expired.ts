import { OVERDUE_DESCRIPTION } from '../../model/outcome.ts';
import { endOfLifeMs } from '../../model/time-to-live.ts';
import type { DownstreamRequest } from '../../protocol/legacy/message.ts';
import { createOrFind } from '../accept/create-or-find.ts';
import { isRepeat } from '../accept/repeat.ts';
import { keyOf } from '../../model/new-record.ts';
import { recordOf, type AcceptPorts, type Origin } from '../accept/accept.ts';
import { republish } from '../settle/settle.ts';
import type { EventPublisher } from '../../model/ports.ts';
import type { MessageRecord } from '../../model/record.ts';

/**
 * A request that waited longer for its function than its time to live: recorded and published as `expired`, not queued.
 */
export interface RecordExpiredPorts extends AcceptPorts {
  readonly events: EventPublisher;
}

/**
 * `false`: it is in time, or its id is in use, which changes nothing. An earlier delivery in time may have queued it:
 * then the worker decides, since it knows whether it was sent. Rejects when the request should be redelivered; then the
 * event is published again.
 */
export async function recordExpired(
  ports: RecordExpiredPorts,
  origin: Origin,
  request: DownstreamRequest,
): Promise<boolean> {
  const nowMs = ports.now();
  if (nowMs < endOfLifeMs(origin.acceptedAtMs ?? nowMs, request.message.time_to_live)) return false;
  const key = keyOf(request);
  const expired = ended(recordOf(ports, origin, request));
  const placed = await createOrFind(ports.store, key, expired);
  const standing = placed.outcome === 'created' ? expired : placed.stored.record;
  if (
    standing.state !== 'expired' ||
    standing.owner !== expired.owner ||
    !isRepeat(ports, request, { stored: standing, asked: expired })
  )
    return false;
  await republish(ports, key, standing, 'expired');
  return true;
}

const ended = (record: MessageRecord): MessageRecord => ({
  ...record,
  state: 'expired', // certainly: it never left the relay
  errorDescription: OVERDUE_DESCRIPTION.expired,
  settledAtMs: record.updatedAtMs,
});
