import type { Actor, Fact } from './fact.ts';
import type { Entry } from './journal.ts';
import type { Violation } from './judge.ts';

const who = (worker: Actor): string => (worker === 'function' ? 'a function' : `worker ${worker}`);

/** One fact in plain words. */
export function inWords(fact: Fact): string {
  switch (fact.kind) {
    case 'posted':
      return `${fact.id} is handed in, ${fact.lane}${fact.documented ? '' : ', something older, with no document'}`;
    case 'postAnswered':
      return `the POST of ${fact.id} is answered: ${fact.outcome}`;
    case 'enqueued':
      return `${fact.id} is in the queue${fact.repeated ? ', marked as a further copy' : ''}`;
    case 'functionDied':
      return `the function that serves a request for ${fact.id} dies`;
    case 'cancelAsked':
      return `a DELETE asks to cancel ${fact.id}`;
    case 'cancelAnswered':
      return `the DELETE of ${fact.id} is answered: ${fact.outcome}`;
    case 'started':
      return `${who(fact.worker)} starts, its clock ${fact.skewMs} ms ahead`;
    case 'killed':
      return `${who(fact.worker)} is killed`;
    case 'stopAsked':
      return `${who(fact.worker)} is told to stop`;
    case 'stopped':
      return `${who(fact.worker)} has stopped after ${fact.tookMs} ms`;
    case 'stopForced':
      return `${who(fact.worker)} has not stopped and is ended, holding ${fact.held}${fact.excused ? '; a store or topic kept it waiting' : ''}`;
    case 'crashed':
      return `${who(fact.worker)} throws: ${fact.error}`;
    case 'pulled':
      return `${who(fact.worker)} pulls ${fact.id}, delivery attempt ${fact.attempt}`;
    case 'leaseEnded':
      return `Pub/Sub ends the lease of ${fact.id}`;
    case 'leaseAcked':
      return `${who(fact.worker)} acks its lease of ${fact.id}`;
    case 'ackLost':
      return `the ack of a lease of ${fact.id} is lost`;
    case 'leaseReturned':
      return `${who(fact.worker)} gives its lease of ${fact.id} back`;
    case 'storeTrouble':
      return `Firestore will ${fact.what === 'failed' ? 'fail' : 'be slow to'} ${who(fact.worker)}, which asks about ${fact.id}`;
    case 'publishTrouble':
      return `publishing for ${fact.id} fails for ${who(fact.worker)}`;
    case 'outage':
      return `${fact.of} is ${fact.of === 'storm' ? 'on: CCS answers SERVICE_UNAVAILABLE' : 'away'} for ${fact.forMs} ms`;
    case 'stored':
      return `${who(fact.worker)} has ${fact.id} stored as ${fact.state} (was ${fact.before ?? 'nothing'})`;
    case 'announced':
      return `${who(fact.worker)} has ${fact.id} announced as ${fact.state}`;
    case 'connecting':
      return `${who(fact.worker)} opens connection ${fact.line}`;
    case 'refused':
      return `CCS refuses the credentials on ${fact.line}`;
    case 'opened':
      return `${fact.line} is open`;
    case 'lost':
      return `${fact.line} ends at CCS (${fact.how})`;
    case 'left':
      return `${fact.line} ends at the worker`;
    case 'halfOpen':
      return `${fact.line} is half-open: nothing comes through`;
    case 'drainSaid':
      return `CCS drains ${fact.line}`;
    case 'drainRead':
      return `the worker reads that ${fact.line} drains`;
    case 'handed':
      return `${who(fact.worker)} sends ${fact.id} on ${fact.line}`;
    case 'received':
      return `CCS receives ${fact.id} on ${fact.line}${fact.took ? '; it has it now' : ''}`;
    case 'endsLine':
      return `CCS closes ${fact.line} because of ${fact.id}`;
    case 'answered':
      return `CCS answers ${fact.id} on ${fact.line}: ${fact.answer}${fact.repeated ? ', a second time' : ''}`;
    case 'answerRead':
      return `the worker reads an answer to ${fact.id} on ${fact.line}${fact.repeated ? ', the second one' : ''}`;
    case 'oddFrame':
      return `CCS says something on ${fact.line} that fits nothing`;
    case 'upstreamBegan':
      return `a device sends ${fact.id}`;
    case 'upstreamSent':
      return `CCS sends ${fact.id} up on ${fact.line}`;
    case 'upstreamPublished':
      return `${who(fact.worker)} has ${fact.id} published`;
    case 'ackHanded':
      return `${who(fact.worker)} acks ${fact.id} on ${fact.line}`;
    case 'upstreamAcked':
      return `CCS reads the ack of ${fact.id} on ${fact.line}`;
    case 'holds':
      return `${who(fact.worker)} holds ${fact.deliveries} messages, ${fact.leases} leases, ${fact.connections} connections, ${fact.publishing} upstream`;
    case 'mixedTurn':
      return `worker ${fact.worker} takes facts of several kinds in one turn`;
    case 'hotLoop':
      return `a hot loop: ${fact.detail}`;
    case 'calm':
      return 'from here on nothing goes wrong any more';
    case 'end':
      return `the end: ${fact.queued} copies queued, ${fact.upstreamOpen} upstream not acked`;
    default:
      return fact satisfies never;
  }
}

/**
 * The last facts that have to do with what a violation is about: its message or line, and the workers and lines that
 * came near it.
 */
export function storyOf({ subject, atMs }: Violation, entries: readonly Entry[], most: number): string[] {
  const startMs = entries[0]?.atMs ?? 0;
  const upTo = entries.filter((entry) => entry.atMs <= atMs && entry.fact.kind !== 'holds');
  const near = new Set([subject]);
  for (const { fact } of upTo)
    if (names(fact).includes(subject)) names(fact).forEach((name) => isPlace(name) && near.add(name));
  const told = upTo.filter(({ fact }) => {
    const all = names(fact);
    if (all.includes(subject)) return true;
    return !('id' in fact) && (all.length === 0 || all.some((name) => near.has(name)));
  });
  return told
    .slice(-most)
    .map(({ atMs: at, fact }) => `${((at - startMs) / 1_000).toFixed(3).padStart(10)} s  ${inWords(fact)}`);
}

const isPlace = (name: string): boolean => name.startsWith('worker ') || /^w\d+\//.test(name);

/** What a fact is about. */
function names(fact: Fact): string[] {
  return [
    ...('id' in fact ? [fact.id] : []),
    ...('line' in fact ? [fact.line] : []),
    ...('worker' in fact && fact.worker !== 'function' ? [`worker ${fact.worker}`] : []),
  ];
}
