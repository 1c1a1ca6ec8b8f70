import type { FaultRecord, History, Receipt } from '../history/history.ts';
import type { Indexed } from '../history/index-history.ts';
import type { Violation } from './violation.ts';

/** From FCM writing CONNECTION_DRAINING until the worker has read it, and back, on a busy machine. */
const HEARD_WITHIN_MS = 2_000;
const STOP_WITHIN_MS = 10_000; // guarantee 5

/** The window, draining connections, shutdowns, and whether the history is complete. */
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
  return [{ kind: 'window', id: '', detail: `up to ${highestPending} pending; ${pastPendingLimit} beyond the limit` }];
}

function sentWhileDraining(
  { id, connection, atMs }: Receipt,
  faults: readonly FaultRecord[],
  { connections }: Indexed,
): Violation[] {
  const drainingMs = connections.get(connection)?.drainingMs;
  if (drainingMs === undefined || atMs <= heardMs(drainingMs, faults)) return [];
  return [{ kind: 'draining', id, detail: `${atMs - drainingMs} ms after CONNECTION_DRAINING on ${connection}` }];
}

/** By when a worker must have read it. A frozen one cannot. */
function heardMs(saidMs: number, faults: readonly FaultRecord[]): number {
  const frozen = faults.filter(
    ({ kind, atMs, untilMs }) => kind === 'pauseWorker' && atMs <= saidMs + HEARD_WITHIN_MS && untilMs >= saidMs,
  );
  return Math.max(saidMs, ...frozen.map(({ untilMs }) => untilMs)) + HEARD_WITHIN_MS;
}

/** FCM's counters must agree with what the observer recorded. */
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
      detail: `${seen} ${what} observed, FCM counted ${counted}`,
    }));
}
