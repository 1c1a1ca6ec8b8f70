import type { Rule } from './rule.ts';

/**
 * Guarantee 3, as FCM counts: what it received on a connection and has not answered. If it answers twice and the second
 * answer comes after the message was sent again, it has itself answered that send.
 */
export const window: Rule = (report, { pendingLimit }) => {
  const pending = new Map<string, Set<string>>();
  const underWay = new Set<string>();
  return (fact) => {
    switch (fact.kind) {
      case 'handed':
        return void underWay.add(`${fact.line} ${fact.id}`);
      case 'lost':
        return void pending.delete(fact.line);
      case 'answered':
        return void pending.get(fact.line)?.delete(fact.id);
      case 'answerRead':
        pending.get(fact.line)?.delete(fact.id); // otherwise the second answer left before the repeat came in
        return void underWay.delete(`${fact.line} ${fact.id}`);
      case 'received': {
        if (!underWay.has(`${fact.line} ${fact.id}`)) return;
        const on = pending.get(fact.line) ?? new Set();
        pending.set(fact.line, on.add(fact.id));
        if (on.size > pendingLimit) report(fact.line, `${on.size} pending, ${pendingLimit} allowed`);
        return;
      }
      default:
        return;
    }
  };
};

/** Protocol §7: nothing new on a connection once its worker has read that it drains. */
export const draining: Rule = (report) => {
  const drained = new Set<string>();
  return (fact) => {
    if (fact.kind === 'drainRead') drained.add(fact.line);
    else if (fact.kind === 'handed' && drained.has(fact.line)) report(fact.id, `sent on ${fact.line}, which drains`);
  };
};

/** Guarantee 4, protocol §6: an upstream message is acked only where it came in. */
export const ackOnItsConnection: Rule = (report) => {
  const came = new Map<string, Set<string>>();
  return (fact) => {
    if (fact.kind === 'upstreamSent') came.set(fact.id, (came.get(fact.id) ?? new Set()).add(fact.line));
    else if (fact.kind === 'upstreamAcked' && came.get(fact.id)?.has(fact.line) !== true)
      report(fact.id, `acked on ${fact.line}, where it did not come in`);
  };
};

/** Guarantee 4: published, then acked; in the end each is both. */
export const publishedThenAcked: Rule = (report) => {
  const published = new Set<string>();
  return (fact) => {
    if (fact.kind === 'upstreamPublished') published.add(fact.id);
    else if (fact.kind === 'ackHanded' && !published.has(fact.id))
      report(fact.id, `acked on ${fact.line} before it was published`);
    else if (fact.kind === 'end' && fact.upstreamOpen > 0)
      report('upstream', `${fact.upstreamOpen} messages from devices are not acked after the calm`);
  };
};

const REFUSED_REST_MS = 60_000;

/** After refused credentials, that worker does not log in again for a minute. */
export const patience: Rule = (report) => {
  const refusedAtMs = new Map<unknown, number>();
  return (fact, atMs) => {
    if (fact.kind === 'connecting') {
      const sinceMs = atMs - (refusedAtMs.get(fact.worker) ?? -Infinity);
      if (sinceMs < REFUSED_REST_MS)
        report(fact.line, `asked for ${Math.round(sinceMs)} ms after FCM refused the credentials`);
    } else if (fact.kind === 'refused') refusedAtMs.set(fact.worker, atMs);
  };
};
