import { Flight } from './flight.ts';
import type { Rule } from './rule.ts';

/**
 * Promise 7 of the README, with the two holes that it names. @param sends the facts that count as sends. A send that
 * was answered "later" stops counting once the worker has read that
 */
const notAfterCancel =
  (what: string, sends: 'handed' | 'taken'): Rule =>
  (report) => {
    const flight = new Flight();
    const handed = new Map<string, Set<string>>(); // the lines of each message's sends that are not known to be refused
    const refused = new Set<string>();
    const taken = new Set<string>();
    const sent = { has: (id: string) => (sends === 'handed' ? (handed.get(id)?.size ?? 0) > 0 : taken.has(id)) };
    const cancelled = new Set<string>();
    const byFarEnd = new Set<string>();
    const answeredTwice = new Set<string>();
    const check = (id: string): void => {
      if (!cancelled.has(id) || !sent.has(id)) return;
      report(
        id,
        `a DELETE answered cancelled, but ${what}`,
        byFarEnd.has(id) ? 'cancelHole' : answeredTwice.has(id) ? 'answeredTwice' : undefined,
      );
    };
    return (fact, atMs) => {
      flight.see(fact, atMs);
      if (fact.kind === 'answered' && fact.repeated) answeredTwice.add(fact.id);
      if (fact.kind === 'handed') {
        refused.delete(`${fact.line} ${fact.id}`);
        handed.set(fact.id, (handed.get(fact.id) ?? new Set()).add(fact.line));
        check(fact.id);
      } else if (fact.kind === 'received' && fact.took) {
        taken.add(fact.id);
        check(fact.id);
      } else if (fact.kind === 'answered' && fact.verdict === 'later') {
        refused.add(`${fact.line} ${fact.id}`);
      } else if (fact.kind === 'answerRead' && refused.has(`${fact.line} ${fact.id}`)) {
        handed.get(fact.id)?.delete(fact.line);
      } else if (fact.kind === 'cancelAnswered' && fact.outcome === 'cancelled') {
        cancelled.add(fact.id);
        check(fact.id);
      } else if (fact.kind === 'killed' || fact.kind === 'stopForced')
        flight.sentBy(fact.worker).forEach((id) => byFarEnd.add(id));
      else if (fact.kind === 'storeTrouble' && fact.worker !== 'function') byFarEnd.add(fact.id);
    };
  };

/** Strictly: no worker gave it to a connection, or FCM refused it each time. */
export const cancelledWasNotSent = notAfterCancel('it was sent, and not refused', 'handed');

/** In effect: FCM has not taken it. */
export const cancelledIsNotAtCcs = notAfterCancel('CCS has it', 'taken');
