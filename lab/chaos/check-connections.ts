import type { FaultRecord, History, Receipt } from './history.ts';
import type { Indexed } from './index-history.ts';
import type { Violation } from './violation.ts';

/** From CCS's writing the control message to the worker's reading it, and back, on a busy machine. */
const HEARD_WITHIN_MS = 2_000;
const STOP_WITHIN_MS = 10_000; // guarantee 5

/** The window, draining connections, stops; and whether the history is whole. */
export const checkConnections = (history: History, index: Indexed, pendingLimit: number): Violation[] => [
  ...windowOf(history, pendingLimit),
  ...history.receipts.flatMap((receipt) => sentWhileDraining(receipt, history.faults, index)),
  ...history.stops
    .filter(({ tookMs }) => tookMs >= STOP_WITHIN_MS)
    .map(({ target, tookMs }): Violation => ({ kind: 'slowStop', id: '', detail: `${target}: ${tookMs} ms` })),
  ...gaps(history),
];

function windowOf({ counters: { highestPending, pastPendingLimit } }: History, pendingLimit: number): Violation[] {
  if (highestPending <= pendingLimit && pastPendingLimit === 0) return [];
  return [
    { kind: 'window', id: '', detail: `up to ${highestPending} pending; ${pastPendingLimit} came past the limit` },
  ];
}

function sentWhileDraining(
  { id, connection, atMs }: Receipt,
  faults: readonly FaultRecord[],
  { connections }: Indexed,
): Violation[] {
  const drainingMs = connections.get(connection)?.drainingMs;
  if (drainingMs === undefined || atMs <= heardMs(drainingMs, faults)) return [];
  return [{ kind: 'draining', id, detail: `${atMs - drainingMs} ms after the control message on ${connection}` }];
}

/** By when a worker must have read it: one that is frozen cannot. */
function heardMs(saidMs: number, faults: readonly FaultRecord[]): number {
  const frozen = faults.filter(
    ({ kind, atMs, untilMs }) => kind === 'pauseWorker' && atMs <= saidMs + HEARD_WITHIN_MS && untilMs >= saidMs,
  );
  return Math.max(saidMs, ...frozen.map(({ untilMs }) => untilMs)) + HEARD_WITHIN_MS;
}

/** What CCS counted must be what we were told of. */
function gaps({ receipts, upstreamAcks, counters }: History): Violation[] {
  const missing = [
    ['downstream receipts', receipts.length, counters.downstreamReceived - counters.stanzaErrors],
    ['upstream acks', upstreamAcks.length, counters.upstreamAcked],
  ] as const;
  return missing
    .filter(([, seen, counted]) => seen !== counted)
    .map(([what, seen, counted]) => ({
      kind: 'incomplete',
      id: '',
      detail: `${seen} ${what} seen, CCS counted ${counted}`,
    }));
}
