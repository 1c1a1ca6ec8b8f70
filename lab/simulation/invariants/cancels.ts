import { Flight } from './flight.ts';
import type { Rule } from './rule.ts';

/**
 * Promise 7 of the README, with the two holes that ARCHITECTURE.md names. `sends`: which facts count as having been
 * sent. A send that was refused for now does not count any more once the worker has read that.
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
    const excused = new Set<string>();
    const answeredTwice = new Set<string>();
    const check = (id: string): void => {
      if (!cancelled.has(id) || !sent.has(id)) return;
      report(
        id,
        `a DELETE answered cancelled, but ${what}`,
        excused.has(id) ? 'cancelHole' : answeredTwice.has(id) ? 'answeredTwice' : undefined,
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
        flight.sentBy(fact.worker).forEach((id) => excused.add(id));
      else if (fact.kind === 'storeTrouble' && fact.worker !== 'function') excused.add(fact.id);
    };
  };

/** To the letter: a worker never gave it to a connection, or CCS refused it each time. */
export const cancelledWasNotSent = notAfterCancel('it was sent, and not refused', 'handed');

/** In effect: CCS has not got it. */
export const cancelledIsNotAtCcs = notAfterCancel('CCS has it', 'taken');
