import { isTerminal, type MessageState } from '../../relay/core/record.ts';
import type { Rule } from './rule.ts';

/** Guarantee 1: what was accepted is in exactly one state, always; after the calm in a terminal one, and out of the queue. */
export const conservation: Rule = (report) => {
  const states = new Map<string, MessageState | 'undocumented'>();
  const counts = new Map<string, number>();
  const count = (state: string, by: 1 | -1): void => void counts.set(state, (counts.get(state) ?? 0) + by);
  const move = (id: string, from: string | undefined, to: MessageState | 'undocumented'): void => {
    if (from !== undefined) count(from, -1);
    count(to, 1);
    states.set(id, to);
  };
  return (fact) => {
    if (fact.kind === 'accepted') {
      move(fact.id, undefined, 'undocumented');
    } else if (fact.kind === 'stored') {
      const believed = states.get(fact.id);
      const before = believed === 'undocumented' ? undefined : believed;
      if (believed === undefined) report(fact.id, 'has a document, and was never accepted');
      else if (before !== fact.before) report(fact.id, `was ${believed}, but its document said ${fact.before ?? 'nothing'}`);
      move(fact.id, believed, fact.state);
      const sum = [...counts.values()].reduce((all, one) => all + one, 0);
      if (sum !== states.size) report(fact.id, `${states.size} accepted, but ${sum} in all states together`);
    } else if (fact.kind === 'end') {
      for (const [id, state] of states) if (state === 'undocumented' || !isTerminal(state)) report(id, `ends as ${state}`);
      if (fact.queued > 0) report('queue', `${fact.queued} copies are in the queue after the calm`);
    }
  };
};

/** Guarantee 1: a terminal state is the last one. */
export const terminalIsFinal: Rule = (report) => (fact) => {
  if (fact.kind === 'stored' && fact.before !== undefined && isTerminal(fact.before)) report(fact.id, `was ${fact.before}, and its document was changed to ${fact.state}`);
};

/** What a document says is what happened: acked by CCS's word, nacked by CCS's word, and a message that was never sent is neither. */
export const truth: Rule = (report) => {
  const taken = new Set<string>();
  const refused = new Set<string>();
  return (fact) => {
    if (fact.kind === 'received' && fact.took) taken.add(fact.id);
    else if (fact.kind === 'answered' && fact.verdict === 'final') refused.add(fact.id);
    else if (fact.kind === 'stored' && fact.state === 'acked' && !taken.has(fact.id)) report(fact.id, 'stored as acked, but CCS never took it');
    else if (fact.kind === 'stored' && fact.state === 'nacked' && !refused.has(fact.id)) report(fact.id, 'stored as nacked, but CCS never refused it');
  };
};

/** Its lease is acked only when its outcome is stored and announced; and it is announced as what it is, as nothing else. */
export const announcedThenAcked: Rule = (report) => {
  const ends = new Map<string, MessageState>();
  const announced = new Set<string>();
  return (fact) => {
    if (fact.kind === 'stored' && isTerminal(fact.state)) ends.set(fact.id, fact.state);
    else if (fact.kind === 'announced') {
      announced.add(fact.id);
      if (ends.get(fact.id) !== fact.state) report(fact.id, `announced as ${fact.state}, but its document says ${ends.get(fact.id) ?? 'no end'}`);
    } else if (fact.kind === 'leaseAcked' && !announced.has(fact.id)) report(fact.id, `worker ${fact.worker} acked its lease, but its end was not announced`);
    else if (fact.kind === 'end') for (const id of ends.keys()) if (!announced.has(id)) report(id, 'has ended, and nobody was told');
  };
};
