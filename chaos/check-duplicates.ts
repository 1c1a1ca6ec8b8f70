import { asksAgain } from './answer.ts';
import { isTerminal } from './check-downstream.ts';
import type { History, Receipt } from './history.ts';
import type { Indexed } from './index-history.ts';
import type { Violation } from './violation.ts';

/**
 * Every receipt of a message but its first, put to one of these.
 * - asked for: all earlier answers were nacks that ask for the message again. No duplicate.
 * - by a death: an earlier receipt's connection was lost before this one. At most `pendingLimit` of them for each connection.
 * - by two workers: an earlier receipt stands on another connection that lived. The documented exception (README, promise 2): the queue handed
 *   the message out a second time while its first holder was alive. That needs a cause, so it is bounded by the causes.
 * - without explanation: on one living connection. Never.
 * And whatever else it is, no receipt may come after the end was stored.
 */
export interface DuplicateLimits {
  readonly pendingLimit: number;
  /** Of each worker. */
  readonly connections: number;
}

export interface Duplicates {
  readonly askedFor: number;
  readonly byDeath: number;
  /** Pending limit × connections lost. */
  readonly byDeathAtMost: number;
  readonly mostOfOneConnection: number;
  readonly byTwoWorkers: number;
  readonly byTwoWorkersAtMost: number;
  readonly violations: readonly Violation[];
}

/**
 * A worker may send on a read that is a second old (README, promise 2), and the message must then come through two busy processes: so long after
 * the end was stored another worker's send is still the documented exception.
 */
const STALE_SEND_MS = 2_000;

/** What may leave a message with two workers at once, or put it into the queue twice. */
const DOUBLING: ReadonlySet<string> = new Set(['killWorker', 'killFunctions', 'stopWorker', 'pauseWorker', 'pausePubSub', 'pauseFirestore', 'cutPubSub', 'cutFirestore']);

export function checkDuplicates(history: History, index: Indexed, limits: DuplicateLimits): Duplicates {
  const violations: Violation[] = [];
  const byConnection = new Map<string, Set<string>>();
  let [askedFor, byDeath, byTwoWorkers] = [0, 0, 0];
  for (const [id, receipts] of index.receipts) {
    violations.push(...sentAfterEnd(id, receipts, index));
    for (const [at, receipt] of receipts.entries()) {
      if (at === 0) continue;
      const why = explanationOf(receipts.slice(0, at), receipt, index);
      if (why.kind === 'askedFor') askedFor += 1;
      else if (why.kind === 'death') {
        byDeath += 1;
        byConnection.set(why.connection, (byConnection.get(why.connection) ?? new Set()).add(id));
      } else if (why.kind === 'twoWorkers') byTwoWorkers += 1;
      else violations.push({ kind: 'unexplained', id, detail: `again on ${receipt.connection}, which had it and lived` });
    }
  }
  const lost = history.connections.filter(({ lostMs }) => lostMs !== undefined).length;
  const causes = history.faults.filter(({ kind }) => DOUBLING.has(kind)).length;
  const byTwoWorkersAtMost = causes * limits.pendingLimit * limits.connections;
  if (byTwoWorkers > byTwoWorkersAtMost) violations.push({ kind: 'pastBound', id: '', detail: `${byTwoWorkers} by two workers at once, at most ${byTwoWorkersAtMost}` });
  for (const [connection, ids] of byConnection) {
    if (ids.size > limits.pendingLimit) violations.push({ kind: 'pastBound', id: [...ids][0] ?? '', detail: `${ids.size} by the death of ${connection}, at most ${limits.pendingLimit}` });
  }
  const mostOfOneConnection = Math.max(0, ...[...byConnection.values()].map(({ size }) => size));
  return { askedFor, byDeath, byDeathAtMost: lost * limits.pendingLimit, mostOfOneConnection, byTwoWorkers, byTwoWorkersAtMost, violations };
}

type Explanation = { readonly kind: 'askedFor' | 'twoWorkers' | 'none' } | { readonly kind: 'death'; readonly connection: string };

function explanationOf(earlier: readonly Receipt[], { connection, atMs }: Receipt, { connections }: Indexed): Explanation {
  const answered = earlier.filter(({ answer }) => !asksAgain(answer));
  if (answered.length === 0) return { kind: 'askedFor' };
  const dead = answered.findLast((receipt) => (connections.get(receipt.connection)?.lostMs ?? Infinity) <= atMs);
  if (dead !== undefined) return { kind: 'death', connection: dead.connection };
  return { kind: answered.every((receipt) => receipt.connection === connection) ? 'none' : 'twoWorkers' };
}

function sentAfterEnd(id: string, receipts: readonly Receipt[], { documents }: Indexed): Violation[] {
  const document = documents.get(id);
  if (document === undefined || !isTerminal(document)) return [];
  const late = receipts.find(({ atMs }) => atMs > document.writtenMs + STALE_SEND_MS);
  return late === undefined ? [] : [{ kind: 'sentAfterEnd', id, detail: `${late.atMs - document.writtenMs} ms after ${document.state} was stored` }];
}
