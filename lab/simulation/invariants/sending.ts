import { isTerminal } from '../../../relay/model/record.ts';
import type { Actor } from '../fact.ts';
import { Flight } from './flight.ts';
import type { Rule } from './rule.ts';

const name = (worker: Actor): string => (worker === 'function' ? 'a function' : `worker ${worker}`);

/** Guarantee 2: nothing is sent after a terminal state was stored. */
export const nothingAfterTheEnd: Rule = (report) => {
  const flight = new Flight();
  const ended = new Map<string, { state: string; by: Actor; atMs: number }>();
  return (fact, atMs) => {
    if (fact.kind === 'stored' && isTerminal(fact.state))
      ended.set(fact.id, { state: fact.state, by: fact.worker, atMs });
    const end = fact.kind === 'handed' ? ended.get(fact.id) : undefined;
    if (fact.kind === 'handed' && end !== undefined) {
      const known =
        end.state === 'expired' && flight.apartMs > 0
          ? 'skewedExpiry'
          : flight.exceptionFor(fact.id, fact.worker, atMs);
      report(
        fact.id,
        `sent by ${name(fact.worker)} ${Math.round(atMs - end.atMs)} ms after ${name(end.by)} had stored ${end.state}`,
        known,
      );
    }
    flight.see(fact, atMs);
  };
};

/** Nothing is sent after its time to live, by the clock of the worker that sends it. */
export const timeToLive: Rule = (report) => (fact) => {
  if (fact.kind === 'handed' && fact.overdueMs >= 0)
    report(fact.id, `sent ${fact.overdueMs} ms after its time to live`);
};

/**
 * Guarantee 2: FCM receives what it has taken again only because something was lost between the send and the record of
 * its answer: a connection with the message unanswered on it (replaced ones included), a worker that died with it, a
 * stop that handed it back unanswered; or because FCM answered an earlier send twice, and the second answer was taken
 * for that of the next send. Each such event explains one repeat of each message that was there: of at most pending
 * limit × connections.
 */
export const duplicatesAreExplained: Rule = (report) => {
  const flight = new Flight();
  const unanswered = new Map<string, Set<string>>(); // by line
  const inHand = new Map<Actor, Set<string>>(); // sent by a worker that still has its lease
  const explained = new Map<string, number>();
  const taken = new Set<string>();
  const explain = (id: string): void => void explained.set(id, (explained.get(id) ?? 0) + 1);
  return (fact, atMs) => {
    flight.see(fact, atMs);
    switch (fact.kind) {
      case 'handed':
        inHand.set(fact.worker, (inHand.get(fact.worker) ?? new Set()).add(fact.id));
        return void unanswered.set(fact.line, (unanswered.get(fact.line) ?? new Set()).add(fact.id));
      case 'answerRead':
        if (unanswered.get(fact.line)?.delete(fact.id) === true && fact.repeated) explain(fact.id);
        return;
      case 'left':
        unanswered.get(fact.line)?.forEach(explain);
        return void unanswered.delete(fact.line);
      case 'killed':
      case 'stopForced':
      case 'crashed':
        inHand.get(fact.worker)?.forEach(explain);
        return void inHand.delete(fact.worker);
      case 'leaseAcked':
        return void inHand.get(fact.worker)?.delete(fact.id);
      case 'leaseReturned':
        inHand.get(fact.worker)?.delete(fact.id);
        for (const [line, ids] of unanswered)
          if (line.startsWith(`w${fact.worker}/`) && ids.delete(fact.id)) explain(fact.id);
        return;
      case 'received': {
        if (!fact.took) return; // refused for now (draining, "later"): it may be sent again
        const left = explained.get(fact.id) ?? 0;
        if (taken.has(fact.id)) explained.set(fact.id, Math.max(0, left - 1));
        if (taken.has(fact.id) && left === 0) {
          const sender = flight.senderOn(fact.id, fact.line);
          const known = sender === undefined ? undefined : flight.exceptionFor(fact.id, sender, atMs);
          report(fact.id, `received again on ${fact.line}, though no answer was lost`, known);
        }
        taken.add(fact.id);
        return;
      }
      default:
        return;
    }
  };
};
