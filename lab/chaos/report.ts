import type { Judgement } from './check.ts';
import type { History } from './history.ts';
import { clock, grouped } from './progress.ts';
import { storyOf } from './story.ts';
import { VIOLATIONS, type ViolationKind } from './violation.ts';

const STORIES_EACH = 3;

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
    row('downstream: accepted of handed in', `${grouped(accepted)} of ${grouped(offers.length)}`),
    ...[...states].map(([state, { length }]) => row(`  ${state}`, length)),
    row(
      'upstream: published and acked of sent',
      `${grouped(history.upstreamAcks.length)} of ${grouped(upstream.length)}`,
    ),
    row('time, first message to last end', clock(tookMs)),
    row('settled, upstream acked', `${perSecond(documents.length)}, ${perSecond(history.upstreamAcks.length)}`),
    'faults',
    ...[...kinds].sort(([a], [b]) => a.localeCompare(b)).map(([kind, { length }]) => row(`  ${kind}`, length)),
    row('connections opened, ended', `${connections.length}, ${ended}`),
    row('longest stop by SIGTERM', `${Math.max(0, ...stops.map(({ tookMs: ms }) => ms))} ms`),
    'receipts by CCS',
    row('downstream messages received', receipts.length),
    row('  again, because CCS asked for them again', duplicates.askedFor),
    row(
      '  again, by the death of their connection; at most',
      `${duplicates.byDeath}; ${grouped(duplicates.byDeathAtMost)}`,
    ),
    row('    most by one death; at most', `${duplicates.mostOfOneConnection}; 100`),
    row(
      '  again, by two workers at once (documented exception); at most',
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

/** The first few violations of each kind, with the whole story of their messages. */
export function stories(history: History, { violations }: Judgement): string {
  const kinds = Map.groupBy(violations, ({ kind }) => kind);
  return [...kinds]
    .flatMap(([kind, all]) => [
      '',
      VIOLATIONS[kind],
      ...all
        .slice(0, STORIES_EACH)
        .flatMap(({ id, detail }) => [
          `  ${id === '' ? '' : `${id}: `}${detail}`,
          ...(id === '' ? [] : storyOf(id, history).map((line) => `      ${line}`)),
        ]),
      ...(all.length > STORIES_EACH ? [`  … and ${all.length - STORIES_EACH} more`] : []),
    ])
    .join('\n');
}
