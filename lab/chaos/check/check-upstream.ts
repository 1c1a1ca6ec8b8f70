import type { History, UpstreamEvent, UpstreamOffer } from '../history/history.ts';
import type { Violation } from './violation.ts';

/** Two processes on one machine may round the same moment to different milliseconds. */
const ROUNDING_MS = 2;

/** Every upstream message was published, then acked on the connection it came in on, always under one event id. */
export function checkUpstream({ upstream, upstreamAcks, upstreamEvents, foreignAcks, counters }: History): Violation[] {
  const events = Map.groupBy(upstreamEvents, ({ id }) => id);
  const acks = new Map(upstreamAcks.map((ack) => [ack.id, ack]));
  const offered = new Set(upstream.map(({ id }) => id));
  return [
    ...upstream.flatMap((offer) => checkOne(offer, events.get(offer.id) ?? [], acks.get(offer.id)?.atMs)),
    ...[...events.keys()]
      .filter((id) => !offered.has(id))
      .map((id): Violation => ({ kind: 'upstreamUnexpected', id, detail: 'an event, but no device sent it' })),
    ...foreignAcks.map(({ id, connection }): Violation => ({
      kind: 'foreignAck',
      id,
      detail: `acked on ${connection}, but received on another connection`,
    })),
    ...(counters.foreignAcks > foreignAcks.length || counters.badAcks > 0
      ? [
          {
            kind: 'foreignAck',
            id: '',
            detail: `FCM counts ${counters.foreignAcks} foreign and ${counters.badAcks} bad acks`,
          } as const,
        ]
      : []),
  ];
}

function checkOne(
  { id, from }: UpstreamOffer,
  events: readonly UpstreamEvent[],
  ackedMs: number | undefined,
): Violation[] {
  const found: Violation[] = [];
  const publishedMs = Math.min(...events.map((event) => event.publishedMs));
  if (events.length === 0)
    found.push({
      kind: 'upstreamLost',
      id,
      detail: ackedMs === undefined ? 'neither published nor acked' : 'acked, but never published',
    });
  else if (ackedMs === undefined) found.push({ kind: 'upstreamLost', id, detail: 'published, but never acked' });
  if (ackedMs !== undefined && publishedMs > ackedMs + ROUNDING_MS) {
    found.push({
      kind: 'ackedBeforePublished',
      id,
      detail: events.length === 0 ? 'never published' : `${publishedMs - ackedMs} ms before`,
    });
  }
  if (new Set(events.map(({ eventId }) => eventId)).size > 1)
    found.push({ kind: 'upstreamEventId', id, detail: `${events.length} events` });
  if (events.some((event) => event.from !== from))
    found.push({ kind: 'upstreamUnexpected', id, detail: 'published with the wrong device' });
  return found;
}
