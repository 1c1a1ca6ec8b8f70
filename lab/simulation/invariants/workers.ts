import { isTerminal } from '../../../relay/model/record.ts';
import type { Rule } from './rule.ts';

/** Guarantee 5: a stop ends by itself in time, unless Firestore or Pub/Sub does not answer. */
const STOP_LIMIT_MS = 9_000;
export const stopEnds: Rule = (report) => (fact) => {
  if (fact.kind === 'stopForced' && !fact.byFarEnd)
    report(`worker ${fact.worker}`, `had not stopped after 9 s: ${fact.held}`);
  if (fact.kind === 'stopped' && fact.tookMs > STOP_LIMIT_MS)
    report(`worker ${fact.worker}`, `took ${fact.tookMs} ms to stop`);
};

/**
 * A worker holds no message without a lease, no connection too many, and no more upstream messages than allowed.
 */
export const boundedMemory: Rule =
  (report, { connections, upstreamLimit }) =>
  (fact) => {
    if (fact.kind !== 'holds') return;
    const subject = `worker ${fact.worker}`;
    if (fact.deliveries > fact.leases) report(subject, `holds ${fact.deliveries} messages on ${fact.leases} leases`);
    if (fact.connections > connections)
      report(subject, `holds ${fact.connections} connections that do not drain, ${connections} allowed`);
    if (fact.publishing > upstreamLimit)
      report(subject, `publishes ${fact.publishing} upstream messages at once, ${upstreamLimit} allowed`);
  };

/**
 * The longest wait that faults can leave behind is a refused login's (two minutes), then a silent connection's or a
 * store's backoff.
 */
const MOVES_WITHIN_MS = 240_000;

/**
 * Once FCM answers again, a fresh message of either lane gets through soon, whatever waits and whatever floods the
 * other lane.
 */
export const noStarvation: Rule = (report) => {
  const postedAtMs = new Map<string, number>();
  return (fact, atMs) => {
    if (fact.kind === 'posted' && fact.probe) postedAtMs.set(fact.id, atMs);
    else if (fact.kind === 'stored' && isTerminal(fact.state)) {
      const tookMs = atMs - (postedAtMs.get(fact.id) ?? atMs);
      postedAtMs.delete(fact.id);
      if (tookMs > MOVES_WITHIN_MS) report(fact.id, `took ${Math.round(tookMs / 1_000)} s though FCM answered`);
    } else if (fact.kind === 'end')
      for (const id of postedAtMs.keys()) report(id, 'did not get through though FCM answered');
  };
};

/** The machine never throws and never spins without time passing. */
export const noDefect: Rule = (report) => (fact) => {
  if (fact.kind === 'crashed') report(`worker ${fact.worker}`, fact.error);
  if (fact.kind === 'hotLoop') report('world', fact.detail);
};
