import type { History } from './history.ts';

interface Moment {
  readonly atMs: number;
  readonly text: string;
}

const AROUND_MS = 1_000;

/** Everything that a history has about one message, in order of time, with the faults around it. */
export function timelineOf(id: string, history: History): string[] {
  const own = [...downstream(id, history), ...upstream(id, history)];
  const [first, last] = [Math.min(...own.map(({ atMs }) => atMs)), Math.max(...own.map(({ atMs }) => atMs))];
  const near = ({ atMs, untilMs }: { atMs: number; untilMs: number }): boolean =>
    untilMs >= first - AROUND_MS && atMs <= last + AROUND_MS;
  const used = new Set(history.receipts.filter((receipt) => receipt.id === id).map(({ connection }) => connection));
  const faults = history.faults.filter(near).map(({ kind, target, atMs, untilMs }) => ({
    atMs,
    text: `  (fault: ${kind} ${target}${untilMs > atMs ? ` for ${untilMs - atMs} ms` : ''})`,
  }));
  const lost = history.connections
    .filter((life) => used.has(life.id))
    .flatMap(({ id: connection, lostMs, reason }) =>
      lostMs === undefined ? [] : [{ atMs: lostMs, text: `  (${connection} is lost: ${reason ?? ''})` }],
    );
  return [...own, ...faults, ...lost]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, text }) => `${new Date(atMs).toISOString().slice(11, 23)}  ${text}`);
}

function downstream(id: string, { offers, receipts, documents, deliveryEvents }: History): Moment[] {
  const about = <T extends { readonly id: string }>(items: readonly T[]): T[] => items.filter((item) => item.id === id);
  return [
    ...about(offers).flatMap(({ via, fate, offeredMs, acceptedMs }) => [
      { atMs: offeredMs, text: `submitted by ${via}, must end as ${fate}` },
      ...(acceptedMs === undefined ? [] : [{ atMs: acceptedMs, text: 'accepted' }]),
    ]),
    ...about(receipts).map(({ connection, atMs, answer }) => ({
      atMs,
      text: `FCM receives it on ${connection}, answers ${answer}`,
    })),
    ...about(documents).map(({ state, attempts, error, writtenMs }) => ({
      atMs: writtenMs,
      text: `last write of the document: ${state}, ${attempts} attempts${error === undefined ? '' : `, ${error}`}`,
    })),
    ...about(deliveryEvents).map(({ type, eventId, publishedMs }) => ({
      atMs: publishedMs,
      text: `event ${type} ${eventId}`,
    })),
  ];
}

function upstream(id: string, history: History): Moment[] {
  return [
    ...history.upstream
      .filter((offer) => offer.id === id)
      .map(({ offeredMs }) => ({ atMs: offeredMs, text: 'sent by a device' })),
    ...history.upstreamEvents
      .filter((event) => event.id === id)
      .map(({ eventId, publishedMs }) => ({ atMs: publishedMs, text: `event ${eventId}` })),
    ...history.upstreamAcks
      .filter((ack) => ack.id === id)
      .map(({ connection, atMs }) => ({ atMs, text: `acked on ${connection}` })),
    ...history.foreignAcks
      .filter((ack) => ack.id === id)
      .map(({ connection, atMs }) => ({ atMs, text: `acked on the wrong connection ${connection} (406)` })),
  ];
}
