import { UNCLAIMED, type Claim } from './claim.ts';
import { saysSent, type Snapshot } from './snapshot.ts';
import type { StoredDelivery, Version } from '../../model/ports.ts';
import type { DeliveryRecord } from '../../model/record.ts';
import { hasStep, step, type Table } from '../../model/table.ts';

/*
 * What a worker knows of a message's Firestore document, and what that lets it do. This is the argument behind
 * "nothing is sent after a terminal state" and "cancelled means not taken by FCM" (design.md §2). The constants are in
 * relay/model/timing.ts.
 *
 * WHO MAY HOLD A MESSAGE. Pub/Sub leases a message to one worker at a time, but a lease is not a lock. It runs out
 * while a slow worker still works; Pub/Sub delivers at least once; a client's retry and the sweep queue further copies.
 * So another live worker may hold the same message, and a dead one may have sent it without leaving a trace. Pub/Sub
 * (`deliveryAttempt` > 1) or the queue (`repeated`) says when that is possible: `maybeSentBefore`. What workers, a
 * DELETE and the sweep do agree on is the document. Every write to it is conditional on the version that was read, so
 * nobody overwrites what it has not seen.
 *
 * WHAT THE DOCUMENT PROVES.
 * - A terminal state: the message has ended. That never changes, so even an old snapshot of it is good for ever.
 * - `sent`: FCM may have the message, or somebody is about to send it. If another worker wrote that less than
 *   IN_HANDS_MS ago, it may still bring the message to its end, and is given that time. Later it counts as dead.
 * - `queued` after attempts: every send was refused, so FCM does not have the message. This also clears a redelivery:
 *   the worker that wrote it knew the outcome of all its sends, and any further send begins with a claim (below).
 * - `queued` without attempts, or no document: no send has left a trace. One made a moment ago may not show yet.
 *
 * SENDING ON A READ. Most messages are sent once and answered at once, and should cost one write: their end. So the
 * first send of a message that nobody else can have had needs no write before it, on two conditions: it rests on a read
 * no older than READ_VALID_MS (from when it was asked for), and if no answer has come SLOW_ANSWER_MS after the send,
 * `sent` is written. A send on a read therefore shows in the document at most READ_VALID_MS + SLOW_ANSWER_MS after that
 * read, plus the time that the write takes; CANCEL_WAIT_MS allows 1.5 s for it.
 *
 * WHEN A CANCEL IS EXACT. A DELETE writes `cancel_requested_at` into a `queued` document, waits CANCEL_WAIT_MS, and
 * then writes `cancelled` on the version that its own request made. A worker that reads or claims after the request
 * finds it and does not send. A worker that had read before it has sent by READ_VALID_MS later, if at all, and then
 * has written something: the mark of a slow answer, the end, or `queued` with an attempt. Each of these changes the
 * version. So if the version still stands, the message was not sent, and will not be. The two holes, stated in the
 * README: a worker whose write takes longer than the 1.5 s, and one killed between a send and its mark.
 *
 * A CLAIM. Every other send (a resend, a message that somebody else may have had, a first send on an old read) is
 * preceded by a write of `sent`. That it succeeded proves that since the snapshot nobody has asked to cancel, ended or
 * claimed the message. From then on the writes of all others fail, and make them read our mark. A claim is good for
 * one send, within CLAIM_VALID_MS; if no room turns up in that time, it is made again. That bounds how long after its
 * mark a worker may still send, so the others know when to stop waiting: IN_HANDS_MS adds the time for an answer.
 *
 * WHY A SECOND CLAIM. A claim stops those that write before they send. A worker that sends on a read does not. If the
 * document showed no send when we claimed it, and another worker has or had the message, that worker may have read the
 * same version and be about to send. We cannot prevent it, but it will show: the worker's mark or end conflicts with
 * our claim, so it reads again and writes on top of it, within CANCEL_WAIT_MS. So the first claim is `contested`. We
 * wait that long and claim again: a conflict means that the other did send, success that it did not and will not. Over
 * a document that already showed a send one claim is enough, because nobody sends such a message on a read.
 *
 * OUR MARK. A `sent` is ours if it bears the time that we wrote into it last. This matters when the answer to a write
 * was lost: our mark in the document proves that the claim was made, and another's mark that FCM may have the message
 * from someone else. Two workers that wait for the same message come back at random moments, so that their marks
 * differ.
 *
 * A CONFLICT means that somebody else has written. We wrote nothing, whatever is there now is a decision we did not
 * know of, and we read it before deciding anew. We also forget the time of our last mark, because the mark that we are
 * about to read may bear the same millisecond and be another's.
 *
 * A FAILURE means that the outcome is unknown: the write may have happened. We wait (the backoff grows with each
 * failure in a row), read, and compare: our mark, or an end with our outcome's time, was written after all.
 *
 * ONE OPERATION AT A TIME. While one is under way, the delivery may move on; what it then needs is asked for when the
 * answer is in (Documents.sync). Answers that fit no operation under way belong to an earlier delivery of the same
 * message, and are dropped: a missing cell below.
 */

/**
 * - `unread`: nothing is known of the document.
 * - `reading`: a read is under way.
 * - `current`: the snapshot is the last that we heard, and a write may rest on it.
 * - `writing`: a write is under way.
 * - `writingDoubted`: the same, and the document has to be read again afterwards.
 * - `stale`: somebody else may have written since the snapshot.
 * - `retrying`: the last operation failed, its outcome is unknown, and a retry is on the agenda.
 */
export const DOCUMENT_STATES = [
  'unread',
  'reading',
  'current',
  'writing',
  'writingDoubted',
  'stale',
  'retrying',
] as const;
export type DocumentState = (typeof DOCUMENT_STATES)[number];

/**
 * - Ours: `read`, `write`: an operation is begun.
 * - Its answers: `found` (or found missing), `written`, `conflicted`, `failed`.
 * - `doubted`: something that FCM said suggests that another worker has written.
 */
export const DOCUMENT_EVENTS = ['read', 'write', 'found', 'written', 'conflicted', 'failed', 'doubted'] as const;
export type DocumentEventName = (typeof DOCUMENT_EVENTS)[number];

export const DOCUMENT_TABLE: Table<DocumentState, DocumentEventName> = {
  unread: { read: 'reading' },
  reading: { found: 'current', failed: 'retrying' },
  current: { write: 'writing', doubted: 'stale' },
  writing: { written: 'current', conflicted: 'stale', failed: 'retrying', doubted: 'writingDoubted' },
  writingDoubted: { written: 'stale', conflicted: 'stale', failed: 'retrying' },
  stale: { read: 'reading' },
  retrying: { read: 'reading' },
};

/** One message's document as this worker knows it. `false` from a method: the fact came late and changed nothing. */
export class Document {
  /** What our last claim lets the next send do. */
  claim: Claim = UNCLAIMED;
  #state: DocumentState = 'unread';
  #snapshot: Snapshot | undefined;
  /** What is being written. */
  #change: DeliveryRecord | undefined;
  #readAtMs = 0;
  #markedAtMs: number | undefined;
  #failures = 0;

  get state(): DocumentState {
    return this.#state;
  }

  /** What the store said last, or we wrote; `undefined` before the first read. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** The document's part of it; `undefined` if there is none, or it has not been read. */
  get record(): DeliveryRecord | undefined {
    return this.#snapshot?.record;
  }

  /** When the read that `snapshot` rests on was asked for, milliseconds since 1970; 0 before the first. */
  get readAtMs(): number {
    return this.#readAtMs;
  }

  /** Failed operations in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** It has to be read before it can be written. */
  get isStale(): boolean {
    return hasStep(DOCUMENT_TABLE, this.#state, 'read');
  }

  /** A write may be begun, on the snapshot. */
  get isWritable(): boolean {
    return hasStep(DOCUMENT_TABLE, this.#state, 'write');
  }

  get isRetrying(): boolean {
    return this.#state === 'retrying';
  }

  /** What the document says, if that is `sent` and we wrote it. */
  get ourMark(): DeliveryRecord | undefined {
    const { record } = this;
    return saysSent(record) && record.updatedAtMs === this.#markedAtMs ? record : undefined;
  }

  get isOurMark(): boolean {
    return this.ourMark !== undefined;
  }

  /** @throws IllegalTransition unless it is stale */
  read(nowMs: number): void {
    this.#step('read');
    this.#readAtMs = nowMs;
  }

  /** @throws IllegalTransition unless it is writable */
  write(change: DeliveryRecord): void {
    this.#step('write');
    this.#change = change;
    if (saysSent(change)) this.#markedAtMs = change.updatedAtMs;
  }

  found(stored: StoredDelivery | undefined): boolean {
    if (!this.#ended('found')) return false;
    this.#snapshot = { record: stored?.record, version: stored?.version };
    return true;
  }

  /** Returns what was written. */
  written(version: Version): DeliveryRecord | false {
    const change = this.#change;
    if (change === undefined || !this.#ended('written')) return false;
    this.#snapshot = { record: change, version };
    return change;
  }

  conflicted(): boolean {
    if (!this.#ended('conflicted')) return false;
    this.#markedAtMs = undefined;
    return true;
  }

  failed(): boolean {
    const failures = this.#failures + 1;
    if (!this.#ended('failed')) return false;
    this.#failures = failures;
    return true;
  }

  /** Another worker may have written. A read that is under way will tell. */
  doubt(): boolean {
    const isNews = hasStep(DOCUMENT_TABLE, this.#state, 'doubted');
    if (isNews) this.#step('doubted');
    return isNews;
  }

  #ended(answer: DocumentEventName): boolean {
    if (!hasStep(DOCUMENT_TABLE, this.#state, answer)) return false;
    this.#step(answer);
    this.#change = undefined;
    this.#failures = 0;
    return true;
  }

  #step(event: DocumentEventName): void {
    this.#state = step('document', DOCUMENT_TABLE, this.#state, event);
  }
}
