import type { Actor, Fact } from './fact.ts';
import type { Entry } from './journal.ts';
import type { Violation } from './judge.ts';

const who = (worker: Actor): string => (worker === 'function' ? 'a function' : `worker ${worker}`);

/** One fact as a sentence. */
export function sentenceOf(fact: Fact): string {
  switch (fact.kind) {
    case 'posted':
      return `${fact.id} is posted, ${fact.lane}${fact.documented ? '' : ', an older message without a document'}`;
    case 'postAnswered':
      return `the POST of ${fact.id} is answered: ${fact.outcome}`;
    case 'enqueued':
      return `${fact.id} is in the queue${fact.repeated ? ', marked as a further copy' : ''}`;
    case 'functionDied':
      return `the function serving a request for ${fact.id} dies`;
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
      return (
        `${who(fact.worker)} has not stopped and is killed, holding ${fact.held}` +
        (fact.byFarEnd ? '; Firestore or Pub/Sub kept it waiting' : '')
      );
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
      return `${who(fact.worker)} returns its lease of ${fact.id}`;
    case 'storeTrouble':
      return `Firestore ${fact.what === 'failed' ? 'fails' : 'is slow for'} ${who(fact.worker)}, about ${fact.id}`;
    case 'publishTrouble':
      return `publishing for ${fact.id} fails for ${who(fact.worker)}`;
    case 'outage':
      return `${fact.of === 'storm' ? 'FCM answers SERVICE_UNAVAILABLE' : `${fact.of} is away`} for ${fact.forMs} ms`;
    case 'stored':
      return `${who(fact.worker)} stores ${fact.id} as ${fact.state} (was ${fact.before ?? 'nothing'})`;
    case 'announced':
      return `${who(fact.worker)} announces ${fact.id} as ${fact.state}`;
    case 'connecting':
      return `${who(fact.worker)} opens connection ${fact.line}`;
    case 'refused':
      return `FCM refuses the credentials on ${fact.line}`;
    case 'opened':
      return `${fact.line} is open`;
    case 'lost':
      return `${fact.line} ends at FCM (${fact.how})`;
    case 'left':
      return `${fact.line} ends at the worker`;
    case 'halfOpen':
      return `${fact.line} is half-open: nothing comes through`;
    case 'drainSaid':
      return `FCM drains ${fact.line}`;
    case 'drainRead':
      return `the worker reads that ${fact.line} drains`;
    case 'handed':
      return `${who(fact.worker)} sends ${fact.id} on ${fact.line}`;
    case 'received':
      return `FCM receives ${fact.id} on ${fact.line}${fact.took ? ' and takes it' : ''}`;
    case 'endsLine':
      return `FCM closes ${fact.line} because of ${fact.id}`;
    case 'answered':
      return `FCM answers ${fact.id} on ${fact.line}: ${fact.answer}${fact.repeated ? ', a second time' : ''}`;
    case 'answerRead':
      return `the worker reads an answer to ${fact.id} on ${fact.line}${fact.repeated ? ', a second one' : ''}`;
    case 'oddFrame':
      return `FCM says something on ${fact.line} that fits nothing`;
    case 'upstreamBegan':
      return `a device sends ${fact.id}`;
    case 'upstreamSent':
      return `FCM sends ${fact.id} upstream on ${fact.line}`;
    case 'upstreamPublished':
      return `${who(fact.worker)} publishes ${fact.id}`;
    case 'ackHanded':
      return `${who(fact.worker)} acks ${fact.id} on ${fact.line}`;
    case 'upstreamAcked':
      return `FCM reads the ack of ${fact.id} on ${fact.line}`;
    case 'holds':
      return (
        `${who(fact.worker)} holds ${fact.deliveries} messages, ${fact.leases} leases, ` +
        `${fact.connections} connections, ${fact.publishing} upstream`
      );
    case 'mixedTurn':
      return `worker ${fact.worker} takes inputs of several kinds in one turn`;
    case 'hotLoop':
      return `a hot loop: ${fact.detail}`;
    case 'calm':
      return 'from now on there are no more faults';
    case 'end':
      return `the end: ${fact.queued} copies queued, ${fact.upstreamOpen} upstream not acked`;
    default:
      return fact satisfies never;
  }
}

/**
 * The latest facts about the subject of a violation, and about the workers and lines that it was on.
 */
export function timelineOf({ subject, atMs }: Violation, entries: readonly Entry[], most: number): string[] {
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
    .map(({ atMs: at, fact }) => `${((at - startMs) / 1_000).toFixed(3).padStart(10)} s  ${sentenceOf(fact)}`);
}

const isPlace = (name: string): boolean => name.startsWith('worker ') || /^w\d+\//.test(name);

/** The subjects of a fact. */
function names(fact: Fact): string[] {
  return [
    ...('id' in fact ? [fact.id] : []),
    ...('line' in fact ? [fact.line] : []),
    ...('worker' in fact && fact.worker !== 'function' ? [`worker ${fact.worker}`] : []),
  ];
}
