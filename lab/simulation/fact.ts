import type { Priority } from '../../relay/protocol/legacy/message.ts';
import type { Acceptance } from '../../relay/service/accept/accept.ts';
import type { MessageState, TerminalState } from '../../relay/model/record.ts';

/**
 * What happened in the world, as an observer sees it who stands outside of everything: the one thing that invariants
 * are checked on, digests are made of and stories are told from. `worker` is its number, or `function`; a line is one
 * connection, `w2/c5`.
 */
export type Fact =
  /**
   * A back end hands it in for the first time. `documented`: a document is made for it; else it is a replay of
   * something older.
   */
  | {
      readonly kind: 'posted';
      readonly id: string;
      readonly lane: Priority;
      readonly documented: boolean;
      readonly probe: boolean;
    }
  /** `accepted` is 202, `repeated` 200: promises both. */
  | { readonly kind: 'postAnswered'; readonly id: string; readonly outcome: Acceptance['outcome'] }
  /** A copy went into the queue. `repeated`: marked as a further one. */
  | { readonly kind: 'enqueued'; readonly id: string; readonly repeated: boolean }
  /** What served a request for it died before it had answered. */
  | { readonly kind: 'functionDied'; readonly id: string }
  | { readonly kind: 'cancelAsked'; readonly id: string }
  | { readonly kind: 'cancelAnswered'; readonly id: string; readonly outcome: string }
  /** `skewMs`: how far its wall clock is ahead. */
  | { readonly kind: 'started'; readonly worker: Actor; readonly skewMs: number }
  | { readonly kind: 'killed'; readonly worker: Actor }
  | { readonly kind: 'stopAsked'; readonly worker: Actor }
  | { readonly kind: 'stopped'; readonly worker: Actor; readonly tookMs: number }
  /** It did not stop by itself. `excused`: a store or a topic did not answer it. */
  | { readonly kind: 'stopForced'; readonly worker: Actor; readonly excused: boolean; readonly held: string }
  | { readonly kind: 'crashed'; readonly worker: Actor; readonly error: string }
  | { readonly kind: 'pulled'; readonly worker: Actor; readonly id: string; readonly attempt: number }
  /** Pub/Sub hands it out again though the worker still holds it. */
  | { readonly kind: 'leaseEnded'; readonly id: string }
  | { readonly kind: 'leaseAcked'; readonly worker: Actor; readonly id: string }
  | { readonly kind: 'ackLost'; readonly id: string }
  | { readonly kind: 'leaseReturned'; readonly worker: Actor; readonly id: string }
  /**
   * A read or write is asked for, and nobody will know whether it happened, or it will take longer than a cancel allows
   * for.
   */
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
  /** Its document was removed: it could not be queued. */
  | { readonly kind: 'announced'; readonly worker: Actor; readonly id: string; readonly state: TerminalState }
  | { readonly kind: 'connecting'; readonly worker: Actor; readonly line: string }
  /** The worker is told that CCS refused its credentials. */
  | { readonly kind: 'refused'; readonly worker: Actor; readonly line: string }
  | { readonly kind: 'opened'; readonly worker: Actor; readonly line: string }
  /** CCS's end of it is gone. */
  | { readonly kind: 'lost'; readonly line: string; readonly how: 'orderly' | 'failed' }
  /** The worker's end of it is gone: it was told, gave it up, or died. */
  | { readonly kind: 'left'; readonly line: string }
  | { readonly kind: 'halfOpen'; readonly line: string }
  | { readonly kind: 'drainSaid'; readonly line: string }
  | { readonly kind: 'drainRead'; readonly line: string }
  /**
   * The worker gave it to its socket. `overdueMs`: by its own clock, how long after its time to live; negative before.
   */
  | {
      readonly kind: 'handed';
      readonly worker: Actor;
      readonly line: string;
      readonly id: string;
      readonly overdueMs: number;
    }
  /** CCS closes the connection because of it. */
  | { readonly kind: 'endsLine'; readonly line: string; readonly id: string }
  /** CCS read it. `took`: it is CCS's now, whatever becomes of the answer. */
  | { readonly kind: 'received'; readonly line: string; readonly id: string; readonly took: boolean }
  /** CCS says so. `repeated`: it said it before. */
  | {
      readonly kind: 'answered';
      readonly line: string;
      readonly id: string;
      readonly answer: string;
      readonly verdict: 'ack' | 'final' | 'later';
      readonly repeated: boolean;
    }
  | { readonly kind: 'answerRead'; readonly line: string; readonly id: string; readonly repeated: boolean }
  /** Frames that fit nothing: an answer to an id that is unknown, a frame that nobody can read. */
  | { readonly kind: 'oddFrame'; readonly line: string }
  | { readonly kind: 'upstreamBegan'; readonly id: string }
  | { readonly kind: 'upstreamSent'; readonly line: string; readonly id: string }
  | { readonly kind: 'upstreamPublished'; readonly worker: Actor; readonly id: string }
  | { readonly kind: 'ackHanded'; readonly worker: Actor; readonly line: string; readonly id: string }
  | { readonly kind: 'upstreamAcked'; readonly line: string; readonly id: string }
  /** Facts of several kinds came in one turn of its machine. */
  | { readonly kind: 'mixedTurn'; readonly worker: Actor }
  /** What a worker holds when a message comes to it, without that one. */
  | {
      readonly kind: 'holds';
      readonly worker: Actor;
      readonly deliveries: number;
      readonly leases: number;
      readonly connections: number;
      readonly publishing: number;
    }
  | { readonly kind: 'hotLoop'; readonly detail: string }
  /** From here on nothing goes wrong any more. */
  | { readonly kind: 'calm' }
  /** The run is over. */
  | { readonly kind: 'end'; readonly upstreamOpen: number; readonly queued: number };

export type Actor = number | 'function';

export type FactKind = Fact['kind'];
