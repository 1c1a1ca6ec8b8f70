import { Flight } from './flight.ts';
import type { Rule } from './rule.ts';

/** Promise 7 of the README, with the two holes that ARCHITECTURE.md names. `sends`: which facts count as having been sent. */
const notAfterCancel = (what: string, sends: 'handed' | 'taken'): Rule => (report) => {
  const flight = new Flight();
  const sent = new Set<string>();
  const cancelled = new Set<string>();
  const excused = new Set<string>();
  const check = (id: string): void => {
    if (cancelled.has(id) && sent.has(id)) report(id, `a DELETE answered cancelled, but ${what}`, excused.has(id) ? 'cancelHole' : undefined);
  };
  return (fact, atMs) => {
    flight.see(fact, atMs);
    if ((sends === 'handed' && fact.kind === 'handed') || (sends === 'taken' && fact.kind === 'received' && fact.took)) {
      sent.add(fact.id);
      check(fact.id);
    } else if (fact.kind === 'cancelAnswered' && fact.outcome === 'cancelled') {
      cancelled.add(fact.id);
      check(fact.id);
    } else if (fact.kind === 'killed' || fact.kind === 'stopForced') flight.sentBy(fact.worker).forEach((id) => excused.add(id));
    else if (fact.kind === 'storeTrouble' && fact.worker !== 'function') excused.add(fact.id);
  };
};

/** To the letter: a worker never gave it to a connection. */
export const cancelledWasNotSent = notAfterCancel('it was sent', 'handed');

/** In effect: CCS has not got it. */
export const cancelledIsNotAtCcs = notAfterCancel('CCS has it', 'taken');
