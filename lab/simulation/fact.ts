import type { Priority } from '../../relay/protocol/legacy/message.ts';
import type { Acceptance } from '../../relay/service/accept/accept.ts';
import type { MessageState, TerminalState } from '../../relay/model/record.ts';

/**
 * What happened in the world, as an outside observer sees it: invariants are checked on facts, digests are made of them
 * and timelines print them. `worker` is a worker's number, or `function`; a line is one connection, `w2/c5`.
 */
export type Fact =
  /** A back end posts it for the first time. Not `documented`: an older message is replayed, whose document is gone. */
  | {
      readonly kind: 'posted';
      readonly id: string;
      readonly lane: Priority;
      readonly documented: boolean;
      readonly probe: boolean;
    }
  /** `accepted` is 202, `repeated` is 200: both are promises. */
  | { readonly kind: 'postAnswered'; readonly id: string; readonly outcome: Acceptance['outcome'] }
  /** A copy went into the queue. `repeated`: it is marked as a further copy. */
  | { readonly kind: 'enqueued'; readonly id: string; readonly repeated: boolean }
  /** The function that served a request for it died before it answered. */
  | { readonly kind: 'functionDied'; readonly id: string }
  | { readonly kind: 'cancelAsked'; readonly id: string }
  | { readonly kind: 'cancelAnswered'; readonly id: string; readonly outcome: string }
  /** `skewMs`: how far its clock is ahead. */
  | { readonly kind: 'started'; readonly worker: Actor; readonly skewMs: number }
  | { readonly kind: 'killed'; readonly worker: Actor }
  | { readonly kind: 'stopAsked'; readonly worker: Actor }
  | { readonly kind: 'stopped'; readonly worker: Actor; readonly tookMs: number }
  /** It did not stop by itself. `byFarEnd`: Firestore or Pub/Sub did not answer it. */
  | { readonly kind: 'stopForced'; readonly worker: Actor; readonly byFarEnd: boolean; readonly held: string }
  | { readonly kind: 'crashed'; readonly worker: Actor; readonly error: string }
  | { readonly kind: 'pulled'; readonly worker: Actor; readonly id: string; readonly attempt: number }
  /** Pub/Sub delivers it again though the worker still holds it. */
  | { readonly kind: 'leaseEnded'; readonly id: string }
  | { readonly kind: 'leaseAcked'; readonly worker: Actor; readonly id: string }
  | { readonly kind: 'ackLost'; readonly id: string }
  | { readonly kind: 'leaseReturned'; readonly worker: Actor; readonly id: string }
  /** A read or write whose outcome will be unknown, or which takes longer than a cancel allows for. */
  | { readonly kind: 'storeTrouble'; readonly worker: Actor; readonly id: string; readonly what: 'failed' | 'slow' }
  | { readonly kind: 'publishTrouble'; readonly worker: Actor; readonly id: string }
  | { readonly kind: 'outage'; readonly of: 'firestore' | 'pubsub' | 'ccs' | 'storm'; readonly forMs: number }
  | {
      readonly kind: 'stored';
      readonly worker: Actor;
      readonly id: string;
      readonly before: MessageState | undefined;
      readonly state: MessageState;
    }
  | { readonly kind: 'announced'; readonly worker: Actor; readonly id: string; readonly state: TerminalState }
  | { readonly kind: 'connecting'; readonly worker: Actor; readonly line: string }
  /** The worker learns that FCM refused its credentials. */
  | { readonly kind: 'refused'; readonly worker: Actor; readonly line: string }
  | { readonly kind: 'opened'; readonly worker: Actor; readonly line: string }
  /** FCM's end of it is gone. */
  | { readonly kind: 'lost'; readonly line: string; readonly how: 'orderly' | 'failed' }
  /** The worker's end of it is gone: it was told, replaced it, or died. */
  | { readonly kind: 'left'; readonly line: string }
  | { readonly kind: 'halfOpen'; readonly line: string }
  | { readonly kind: 'drainSaid'; readonly line: string }
  | { readonly kind: 'drainRead'; readonly line: string }
  /** The worker gave it to its socket. `overdueMs`: after the end of its time to live, by the worker's clock. */
  | {
      readonly kind: 'handed';
      readonly worker: Actor;
      readonly line: string;
      readonly id: string;
      readonly overdueMs: number;
    }
  /** FCM closes the connection because of it. */
  | { readonly kind: 'endsLine'; readonly line: string; readonly id: string }
  /** FCM read it. `took`: FCM has it now, whatever becomes of the answer. */
  | { readonly kind: 'received'; readonly line: string; readonly id: string; readonly took: boolean }
  /** FCM answers it. `repeated`: a second time. */
  | {
      readonly kind: 'answered';
      readonly line: string;
      readonly id: string;
      readonly answer: string;
      readonly verdict: 'ack' | 'final' | 'later';
      readonly repeated: boolean;
    }
  | { readonly kind: 'answerRead'; readonly line: string; readonly id: string; readonly repeated: boolean }
  /** Something that fits nothing: an answer to an unknown id, or something unreadable. */
  | { readonly kind: 'oddFrame'; readonly line: string }
  | { readonly kind: 'upstreamBegan'; readonly id: string }
  | { readonly kind: 'upstreamSent'; readonly line: string; readonly id: string }
  | { readonly kind: 'upstreamPublished'; readonly worker: Actor; readonly id: string }
  | { readonly kind: 'ackHanded'; readonly worker: Actor; readonly line: string; readonly id: string }
  | { readonly kind: 'upstreamAcked'; readonly line: string; readonly id: string }
  /** Inputs of several kinds came in one turn of its machine. */
  | { readonly kind: 'mixedTurn'; readonly worker: Actor }
  /** What a worker holds when it pulls a message, without that message. */
  | {
      readonly kind: 'holds';
      readonly worker: Actor;
      readonly deliveries: number;
      readonly leases: number;
      readonly connections: number;
      readonly publishing: number;
    }
  | { readonly kind: 'hotLoop'; readonly detail: string }
  /** From now on there are no more faults. */
  | { readonly kind: 'calm' }
  /** The run is over. */
  | { readonly kind: 'end'; readonly upstreamOpen: number; readonly queued: number };

export type Actor = number | 'function';

export type FactKind = Fact['kind'];
