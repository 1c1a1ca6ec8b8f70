import { outcomeOf, type Delivery, type DeliveryState } from './delivery.ts';
import { conflictOf } from './id-conflict.ts';
import { ackedOutcome, cancelledOutcome, recordedOutcome, settlingChange, type Outcome } from './outcome.ts';
import type { StoredDelivery, Version } from './ports.ts';
import { isTerminal, type DeliveryRecord } from './record.ts';
import type { Shared } from './shared.ts';
import type { Shelf } from './shelf.ts';
import { Storage } from './storage.ts';

/** In these states the next step hangs on what the document says. */
const AWAITS_DOCUMENT: ReadonlySet<DeliveryState> = new Set(['reading', 'claiming', 'settling']);

/** Here nothing has been sent, or it is about to be: a cancel still counts. */
const MAY_CANCEL: ReadonlySet<DeliveryState> = new Set(['reading', 'claiming']);

/** Keeps each delivery and its document in step: which read or write a state calls for, and what its answer means. */
export class Recording {
  readonly #shared: Shared;
  readonly #shelf: Shelf;
  readonly #storage: Storage;

  constructor(shared: Shared, shelf: Shelf) {
    this.#shared = shared;
    this.#shelf = shelf;
    this.#storage = new Storage(shared);
  }

  /** The read or write that the delivery's state calls for, if any. */
  pursue(delivery: Delivery): void {
    switch (delivery.state) {
      case 'reading':
        return this.#storage.pursue(delivery, undefined);
      case 'settling':
        return this.#write(delivery, settlingChange(outcomeOf(delivery), delivery.attempts));
      case 'claiming':
      case 'returning':
        return this.#write(delivery, this.#mark(delivery));
      case 'pending':
        if (!saysWhatWeDid(delivery)) this.#storage.pursue(delivery, this.#mark(delivery));
        return;
      case 'ready':
      case 'resting': // was it sent, a cancel must see that; by whom does not matter any more
        if (delivery.sentAtMs > 0 && (delivery.stale || saysQueued(delivery))) this.#storage.pursue(delivery, this.#mark(delivery));
        return;
      default:
        return;
    }
  }

  wasRead(messageId: string, stored: StoredDelivery | undefined): void {
    const delivery = this.#busy(messageId);
    if (delivery === undefined) return;
    const wasQueued = saysQueued(delivery);
    this.#storage.wasRead(delivery, stored?.record, stored?.version);
    this.#learn(delivery, wasQueued);
  }

  wasWritten(messageId: string, version: Version): void {
    const delivery = this.#busy(messageId);
    if (delivery?.pursued === undefined) return;
    const { pursued: record } = delivery;
    const wasQueued = saysQueued(delivery);
    this.#storage.wasWritten(delivery, record, version);
    delivery.overtook = wasQueued && delivery.hadBefore;
    if (isSatisfied(delivery, record)) this.#shelf.move(delivery, 'written');
    else this.pursue(delivery); // it was the write of the state before
  }

  hasConflict(messageId: string): void {
    const delivery = this.#busy(messageId);
    if (delivery === undefined) return;
    this.#storage.hasConflict(delivery);
    this.pursue(delivery);
  }

  hasFailed(messageId: string): void {
    const delivery = this.#busy(messageId);
    if (delivery !== undefined) this.#storage.hasFailed(delivery);
  }

  /** The change that says: sent, by us. */
  #mark(delivery: Delivery): DeliveryRecord {
    const { attempts, lastError: error } = delivery;
    return { state: 'sent', attempts, error, updatedAtMs: this.#shared.turn.nowMs };
  }

  /** A settled document is never changed: where it is known that somebody else settled it, that is how it ended. */
  #write(delivery: Delivery, change: DeliveryRecord): void {
    const ended = recordedEnd(delivery);
    if (ended === undefined) this.#storage.pursue(delivery, change);
    else this.#endedBefore(delivery, ended);
  }

  #endedBefore(delivery: Delivery, ended: Outcome): void {
    delivery.outcome = ended;
    this.#shelf.move(delivery, 'settledBefore');
  }

  #learn(delivery: Delivery, wasQueued: boolean): void {
    const { known, state } = delivery;
    const record = known?.record;
    const conflict = conflictOf(delivery, this.#shared);
    if (conflict !== undefined) {
      delivery.outcome = conflict;
      return this.#shelf.move(delivery, 'conflict');
    }
    delivery.attempts = Math.max(delivery.attempts, record?.attempts ?? 0);
    delivery.hadBefore ||= record !== undefined && record.state !== 'queued' && !isOurMark(delivery);
    if (delivery.disputed && delivery.hadBefore) delivery.outcome = ackedOutcome({}, this.#shared.turn.nowMs); // CCS had it from somebody else
    if (!AWAITS_DOCUMENT.has(state)) return this.pursue(delivery); // it went on meanwhile
    const ended = recordedEnd(delivery);
    if (state === 'claiming' && isOurMark(delivery)) { // the claim's answer was lost, the claim was not
      delivery.overtook = wasQueued && delivery.hadBefore;
      this.#shelf.move(delivery, 'written');
    } else if (ended !== undefined) {
      if (isOwn(delivery, ended)) this.#shelf.move(delivery, 'written');
      else this.#endedBefore(delivery, ended);
    } else if (record?.cancelRequestedAtMs !== undefined && delivery.attempts === 0 && !delivery.hadBefore && MAY_CANCEL.has(state)) {
      delivery.outcome = cancelledOutcome(this.#shared.turn.nowMs);
      this.#shelf.move(delivery, 'cancel');
    } else {
      this.#shelf.move(delivery, 'open');
    }
  }

  /** Answers to an operation of a delivery that is not here any more are dropped. */
  #busy(messageId: string): Delivery | undefined {
    const delivery = this.#shelf.get(messageId);
    return delivery?.busy === true ? delivery : undefined;
  }
}

/** How it ended, where its document is known to say so. That is never out of date: it does not change any more. */
function recordedEnd({ known }: Delivery): Outcome | undefined {
  const record = known?.record;
  return record !== undefined && isTerminal(record.state) ? recordedOutcome(record, record.state) : undefined;
}

/** It is our own write, of which nobody knew whether it happened. What we know beyond the record (a canonical token) still counts. */
const isOwn = ({ state, outcome }: Delivery, ended: Outcome): boolean =>
  state === 'settling' && outcome?.state === ended.state && outcome.atMs === ended.atMs;

/** The document says already that we sent it, or how it ended: a slow answer adds nothing. What another worker wrote does not speak for us. */
const saysWhatWeDid = (delivery: Delivery): boolean =>
  !delivery.stale && (isOurMark(delivery) || recordedEnd(delivery) !== undefined);

const isOurMark = ({ known, markedAtMs }: Delivery): boolean => known?.record?.state === 'sent' && known.record.updatedAtMs === markedAtMs;
const saysQueued = ({ known }: Delivery): boolean => known?.record === undefined || known.record.state === 'queued';

/** The write that just succeeded is the one that the state waits for, not one left over from the state before. */
function isSatisfied({ state, attempts, lastError }: Delivery, record: DeliveryRecord): boolean {
  if (state === 'settling') return isTerminal(record.state);
  return (state === 'claiming' || state === 'returning') && record.attempts === attempts && record.error === lastError;
}
