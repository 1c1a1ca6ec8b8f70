import { asksAgain } from './answer.ts';
import { isTerminal } from './check-downstream.ts';
import type { FaultRecord, History, Receipt } from '../history/history.ts';
import type { Indexed } from '../history/index-history.ts';
import type { Violation } from './violation.ts';

/**
 * Every receipt of a message after its first is explained by one of these:
 *
 * - `askedFor`: all earlier answers were nacks that ask for a retry. No duplicate.
 * - `loss`: the connection of an earlier receipt was lost before this one. At most `pendingLimit` for each connection.
 * - `twoWorkers`: an earlier receipt was on another connection that was not lost. The documented exception (README,
 *   promise 2): the queue delivered the message a second time while its first holder was alive. That needs a cause
 *   shortly before, and each cause leads to no more than one worker holds.
 * - `none`: on a connection that was not lost. Never allowed.
 *
 * And no receipt may come after the message has settled.
 */
export interface DuplicateLimits {
  readonly pendingLimit: number;
  /** Of each worker. */
  readonly connections: number;
}

export interface Duplicates {
  readonly askedFor: number;
  readonly byLoss: number;
  /** Pending limit × lost connections. */
  readonly byLossAtMost: number;
  readonly mostOfOneConnection: number;
  readonly byTwoWorkers: number;
  readonly byTwoWorkersAtMost: number;
  readonly violations: readonly Violation[];
}

/**
 * A worker may send on a read that is a second old (README, promise 2), and the message must then pass two busy
 * processes. Until this long after the message has settled, a send is still the documented exception.
 */
const STALE_SEND_MS = 2_000;

/** Faults that may leave a message with two workers, or put it into the queue twice. */
const DOUBLING: ReadonlySet<string> = new Set([
  'killWorker',
  'killFunctions',
  'stopWorker',
  'pauseWorker',
  'pausePubSub',
  'pauseFirestore',
  'cutPubSub',
  'cutFirestore',
]);

export function checkDuplicates(history: History, index: Indexed, limits: DuplicateLimits): Duplicates {
  const violations: Violation[] = [];
  const byConnection = new Map<string, Set<string>>();
  const byCause = new Map<FaultRecord, number>();
  let [askedFor, byLoss, byTwoWorkers] = [0, 0, 0];
  for (const [id, receipts] of index.receipts) {
    violations.push(...sentAfterEnd(id, receipts, index));
    for (const [at, receipt] of receipts.entries()) {
      if (at === 0) continue;
      const why = explanationOf(receipts.slice(0, at), receipt, index);
      if (why.kind === 'askedFor') askedFor += 1;
      else if (why.kind === 'loss') {
        byLoss += 1;
        byConnection.set(why.connection, (byConnection.get(why.connection) ?? new Set()).add(id));
      } else if (why.kind === 'none') {
        violations.push({
          kind: 'unexplained',
          id,
          detail: `again on ${receipt.connection}, which had it and was not lost`,
        });
      } else {
        byTwoWorkers += 1;
        const cause = causeOf(receipt, history.faults);
        if (cause === undefined)
          violations.push({
            kind: 'unexplained',
            id,
            detail: `again on ${receipt.connection}, though another connection had it and lives, without a cause`,
          });
        else byCause.set(cause, (byCause.get(cause) ?? 0) + 1);
      }
    }
  }
  const lost = history.connections.filter(({ lostMs }) => lostMs !== undefined).length;
  const most = limits.pendingLimit * limits.connections;
  for (const [{ kind, target }, count] of byCause) {
    if (count > most)
      violations.push({
        kind: 'pastBound',
        id: '',
        detail: `${count} by two workers at once after ${kind} ${target}, at most ${most}`,
      });
  }
  for (const [connection, ids] of byConnection) {
    if (ids.size > limits.pendingLimit)
      violations.push({
        kind: 'pastBound',
        id: [...ids][0] ?? '',
        detail: `${ids.size} after the loss of ${connection}, at most ${limits.pendingLimit}`,
      });
  }
  const mostOfOneConnection = Math.max(0, ...[...byConnection.values()].map(({ size }) => size));
  return {
    askedFor,
    byLoss,
    byLossAtMost: lost * limits.pendingLimit,
    mostOfOneConnection,
    byTwoWorkers,
    byTwoWorkersAtMost: byCause.size * most,
    violations,
  };
}

type Explanation =
  { readonly kind: 'askedFor' | 'twoWorkers' | 'none' } | { readonly kind: 'loss'; readonly connection: string };

function explanationOf(
  earlier: readonly Receipt[],
  { connection, atMs }: Receipt,
  { connections }: Indexed,
): Explanation {
  const answered = earlier.filter(({ answer }) => !asksAgain(answer));
  if (answered.length === 0) return { kind: 'askedFor' };
  const lost = answered.findLast((receipt) => (connections.get(receipt.connection)?.lostMs ?? Infinity) <= atMs);
  if (lost !== undefined) return { kind: 'loss', connection: lost.connection };
  return { kind: answered.every((receipt) => receipt.connection === connection) ? 'none' : 'twoWorkers' };
}

/**
 * A lease that expires, the wait for another holder, and the claims: for this long after a cause a second worker may
 * still send.
 */
const LEADS_TO_MS = 60_000;

/** The latest fault that may explain it. */
const causeOf = ({ atMs }: Receipt, faults: readonly FaultRecord[]): FaultRecord | undefined =>
  faults
    .filter((fault) => DOUBLING.has(fault.kind) && fault.atMs <= atMs && atMs <= fault.untilMs + LEADS_TO_MS)
    .sort((a, b) => a.atMs - b.atMs)
    .at(-1);

function sentAfterEnd(id: string, receipts: readonly Receipt[], { documents }: Indexed): Violation[] {
  const document = documents.get(id);
  if (document === undefined || !isTerminal(document)) return [];
  const late = receipts.find(({ atMs }) => atMs > document.writtenMs + STALE_SEND_MS);
  return late === undefined
    ? []
    : [
        {
          kind: 'sentAfterEnd',
          id,
          detail: `${late.atMs - document.writtenMs} ms after it was stored as ${document.state}`,
        },
      ];
}
