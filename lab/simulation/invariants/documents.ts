import { isTerminal, type MessageState } from '../../../relay/model/record.ts';
import type { Rule } from './rule.ts';

/**
 * Guarantee 1: what was answered 202 or 200 is in a terminal state after the calm, and out of the queue. What was never
 * answered may be in no queue (the sweep ends it), but once sent it is not forgotten either.
 */
export const conservation: Rule = (report) => {
  const posted = new Set<string>();
  const promised = new Set<string>();
  const states = new Map<string, MessageState>();
  const check = (id: string, before: MessageState | undefined): void => {
    const believed = states.get(id);
    if (!posted.has(id)) report(id, 'has a document, and was never posted');
    else if (before !== believed)
      report(id, `was ${believed ?? 'nothing'}, but its document said ${before ?? 'nothing'}`);
  };
  return (fact) => {
    switch (fact.kind) {
      case 'posted':
        return void posted.add(fact.id);
      case 'postAnswered':
        if (fact.outcome === 'conflict') report(fact.id, 'was taken for another message');
        if (fact.outcome === 'accepted' || fact.outcome === 'repeated') promised.add(fact.id);
        return;
      case 'stored':
        check(fact.id, fact.before);
        return void states.set(fact.id, fact.state);
      case 'end':
        for (const id of promised)
          if (!isEnd(states.get(id))) report(id, `was accepted, and ends as ${states.get(id) ?? 'nothing'}`);
        for (const [id, state] of states) if (state === 'sent' && !promised.has(id)) report(id, 'ends as sent');
        if (fact.queued > 0) report('queue', `${fact.queued} copies are in the queue after the calm`);
        return;
      default:
        return;
    }
  };
};

const isEnd = (state: MessageState | undefined): boolean => state !== undefined && isTerminal(state);

/** Guarantee 1: nothing follows a terminal state. */
export const terminalIsFinal: Rule = (report) => (fact) => {
  if (fact.kind === 'stored' && fact.before !== undefined && isTerminal(fact.before))
    report(fact.id, `was ${fact.before}, and its document was changed to ${fact.state}`);
};

/**
 * A document says what happened: acked and nacked only where FCM answered so. FCM has not taken what expired (guarantee
 * 9), a worker gives up only what ended its connections, and only what was sent, or was pulled or queued more than
 * once, is `unknown`.
 */
export const truth: Rule = (report) => {
  const pulls = new Map<string, number>();
  const handed = new Set<string>();
  const answeredTwice = new Set<string>();
  const killers = new Set<string>();
  const taken = new Set<string>();
  const refused = new Set<string>();
  return (fact) => {
    if (fact.kind === 'answered' && fact.repeated) answeredTwice.add(fact.id);
    if (fact.kind === 'received' && fact.took) taken.add(fact.id);
    else if (fact.kind === 'endsLine') killers.add(fact.id);
    else if (fact.kind === 'stored' && fact.state === 'dead' && fact.worker !== 'function' && !killers.has(fact.id))
      report(fact.id, 'given up as dead, but it ended no connection');
    else if (fact.kind === 'pulled' || (fact.kind === 'enqueued' && fact.repeated))
      pulls.set(fact.id, (pulls.get(fact.id) ?? 0) + (fact.kind === 'pulled' ? fact.attempt : 1));
    else if (fact.kind === 'handed') handed.add(fact.id);
    else if (fact.kind === 'stored' && fact.state === 'expired' && taken.has(fact.id))
      report(
        fact.id,
        'stored as expired, but FCM had taken it',
        answeredTwice.has(fact.id) ? 'answeredTwice' : undefined,
      );
    else if (
      fact.kind === 'stored' &&
      fact.state === 'unknown' &&
      !handed.has(fact.id) &&
      (pulls.get(fact.id) ?? 0) < 2
    )
      report(fact.id, 'stored as unknown, but it was never sent');
    else if (fact.kind === 'answered' && fact.verdict === 'final') refused.add(fact.id);
    else if (fact.kind === 'stored' && fact.state === 'acked' && !taken.has(fact.id))
      report(fact.id, 'stored as acked, but FCM never took it');
    else if (fact.kind === 'stored' && fact.state === 'nacked' && !refused.has(fact.id))
      report(fact.id, 'stored as nacked, but FCM never refused it');
  };
};

/** A lease is acked only when the outcome is stored and announced, and announced as what was stored. */
export const announcedThenAcked: Rule = (report) => {
  const ends = new Map<string, MessageState>();
  const announced = new Set<string>();
  const unanswered = new Set<string>(); // by a DELETE
  return (fact) => {
    if (fact.kind === 'stored' && isTerminal(fact.state)) ends.set(fact.id, fact.state);
    else if (fact.kind === 'cancelAnswered' && fact.outcome === 'unanswered') unanswered.add(fact.id);
    else if (fact.kind === 'announced') {
      announced.add(fact.id);
      if (ends.get(fact.id) !== fact.state)
        report(fact.id, `announced as ${fact.state}, but its document says ${ends.get(fact.id) ?? 'no end'}`);
    } else if (fact.kind === 'leaseAcked' && !announced.has(fact.id))
      report(fact.id, `worker ${fact.worker} acked its lease, but its end was not announced`);
    else if (fact.kind === 'end')
      for (const [id, state] of ends)
        if (!announced.has(id))
          report(
            id,
            'has ended, and nobody was told',
            state === 'cancelled' && unanswered.has(id) ? 'unpublishedCancel' : undefined,
          );
  };
};
