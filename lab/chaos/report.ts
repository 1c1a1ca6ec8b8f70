import type { Judgement } from './check/check.ts';
import type { History } from './history/history.ts';
import { clock, grouped } from './progress.ts';
import { timelineOf } from './history/timeline.ts';
import { VIOLATIONS, type ViolationKind } from './check/violation.ts';

const TIMELINES_EACH = 3;

const row = (name: string, value: string | number): string =>
  `  ${name.padEnd(66)}${(typeof value === 'number' ? grouped(value) : value).padStart(12)}`;

/** The table of a run. */
export function table(history: History, { violations, duplicates }: Judgement, tookMs: number): string {
  const { offers, upstream, receipts, documents, connections, faults, upstreamEvents, stops, counters } = history;
  const accepted = offers.filter(({ acceptedMs }) => acceptedMs !== undefined).length;
  const states = Map.groupBy(documents, ({ state }) => state);
  const kinds = Map.groupBy(faults, ({ kind }) => kind);
  const ended = connections.filter(({ lostMs }) => lostMs !== undefined).length;
  const perSecond = (count: number): string => `${(count / (tookMs / 1_000)).toFixed(0)}/s`;
  return [
    'traffic',
    row('downstream: accepted of submitted', `${grouped(accepted)} of ${grouped(offers.length)}`),
    ...[...states].map(([state, { length }]) => row(`  ${state}`, length)),
    row(
      'upstream: published and acked of sent',
      `${grouped(history.upstreamAcks.length)} of ${grouped(upstream.length)}`,
    ),
    row('time from the first message until all settled', clock(tookMs)),
    row('settled, upstream acked', `${perSecond(documents.length)}, ${perSecond(history.upstreamAcks.length)}`),
    'faults',
    ...[...kinds].sort(([a], [b]) => a.localeCompare(b)).map(([kind, { length }]) => row(`  ${kind}`, length)),
    row('connections opened, lost', `${connections.length}, ${ended}`),
    row('longest shutdown after SIGTERM', `${Math.max(0, ...stops.map(({ tookMs: ms }) => ms))} ms`),
    'received by FCM',
    row('downstream messages', receipts.length),
    row("  repeated at FCM's request", duplicates.askedFor),
    row(
      '  repeated after the loss of a connection; at most',
      `${duplicates.byLoss}; ${grouped(duplicates.byLossAtMost)}`,
    ),
    row('    most after one loss; at most', `${duplicates.mostOfOneConnection}; 100`),
    row(
      '  repeated by two workers at once (documented exception); at most',
      `${duplicates.byTwoWorkers}; ${grouped(duplicates.byTwoWorkersAtMost)}`,
    ),
    row('highest pending on a connection', counters.highestPending),
    row(
      'upstream events published more than once',
      upstreamEvents.length - new Set(upstreamEvents.map(({ id }) => id)).size,
    ),
    'violations',
    ...(Object.keys(VIOLATIONS) as ViolationKind[]).map((kind) =>
      row(`  ${VIOLATIONS[kind]}`, violations.filter((one) => one.kind === kind).length),
    ),
  ].join('\n');
}

/** The first few violations of each kind, with the timelines of their messages. */
export function timelines(history: History, { violations }: Judgement): string {
  const kinds = Map.groupBy(violations, ({ kind }) => kind);
  return [...kinds]
    .flatMap(([kind, all]) => [
      '',
      VIOLATIONS[kind],
      ...all
        .slice(0, TIMELINES_EACH)
        .flatMap(({ id, detail }) => [
          `  ${id === '' ? '' : `${id}: `}${detail}`,
          ...(id === '' ? [] : timelineOf(id, history).map((line) => `      ${line}`)),
        ]),
      ...(all.length > TIMELINES_EACH ? [`  … and ${all.length - TIMELINES_EACH} more`] : []),
    ])
    .join('\n');
}
