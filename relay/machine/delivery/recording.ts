import { accepts, isOurMark, outcomeOf, waitingState, type Delivery } from './delivery.ts';
import { conflictOf } from './id-conflict.ts';
import {
  ackedOutcome,
  cancelledOutcome,
  overdueOutcome,
  recordedOutcome,
  settlingChange,
  type Outcome,
} from '../../model/outcome.ts';
import type { StoredDelivery, Version } from '../../model/ports.ts';
import { isTerminal, type DeliveryRecord } from '../../model/record.ts';
import type { Shared } from '../turn/shared.ts';
import type { Deliveries } from './deliveries.ts';
import { Storage } from './storage.ts';

/** Keeps each delivery and its document in step: which read or write a state calls for, and what its answer means. */
export class Recording {
  readonly #shared: Shared;
  readonly #deliveries: Deliveries;
  readonly #storage: Storage;

  constructor(shared: Shared, deliveries: Deliveries) {
    this.#shared = shared;
    this.#deliveries = deliveries;
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
        return this.#write(delivery, this.#mark(delivery, 'sent'));
      case 'returning':
        return this.#write(delivery, this.#mark(delivery, waitingState(delivery)));
      case 'pending':
        if (!saysWhatWeDid(delivery)) this.#storage.pursue(delivery, this.#mark(delivery, 'sent'));
        return;
      case 'ready': // where FCM has not got it, it may be claimed for the next send already
        if (delivery.maybeTaken) this.#tellHowItStands(delivery);
        return;
      case 'resting':
        return this.#tellHowItStands(delivery);
      default:
        return;
    }
  }

  wasRead(messageId: string, stored: StoredDelivery | undefined): void {
    const delivery = this.#busy(messageId);
    if (delivery === undefined) return;
    const wasUnsent = saysUnsent(delivery);
    this.#storage.wasRead(delivery, stored?.record, stored?.version);
    this.#learn(delivery, wasUnsent);
  }

  wasWritten(messageId: string, version: Version): void {
    const delivery = this.#busy(messageId);
    if (delivery?.pursued === undefined) return;
    const { pursued: record } = delivery;
    const wasUnsent = saysUnsent(delivery);
    this.#storage.wasWritten(delivery, record, version);
    delivery.contested = wasUnsent && delivery.maybeSentBefore;
    if (isSatisfied(delivery, record)) this.#deliveries.move(delivery, 'written');
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
    if (delivery !== undefined) this.#storage.hasFailed(delivery, () => this.pursue(delivery));
  }

  /** Was it sent, a cancel must see whether FCM may have it; by whom does not matter any more. */
  #tellHowItStands(delivery: Delivery): void {
    if (delivery.sentAtMs > 0 && !saysHowItStands(delivery))
      this.#storage.pursue(delivery, this.#mark(delivery, waitingState(delivery)));
  }

  /** `sent`: FCM may have it, by us. `queued`: it waits, and every send was refused. */
  #mark({ attempts, lastError: error }: Delivery, state: 'queued' | 'sent'): DeliveryRecord {
    return { state, attempts, error, updatedAtMs: this.#shared.turn.nowMs };
  }

  /** A settled document is never changed: where it is known that somebody else settled it, that is how it ended. */
  #write(delivery: Delivery, change: DeliveryRecord): void {
    const ended = recordedEnd(delivery);
    if (ended === undefined) this.#storage.pursue(delivery, change);
    else this.#endedBefore(delivery, ended);
  }

  #endedBefore(delivery: Delivery, ended: Outcome): void {
    delivery.outcome = ended;
    this.#deliveries.move(delivery, 'settledBefore');
  }

  #learn(delivery: Delivery, wasUnsent: boolean): void {
    const { known, state } = delivery;
    const record = known?.record;
    const conflict = conflictOf(delivery, this.#shared);
    if (conflict !== undefined) {
      delivery.outcome = conflict;
      return this.#deliveries.move(delivery, 'conflict');
    }
    delivery.attempts = Math.max(delivery.attempts, record?.attempts ?? 0);
    delivery.maybeSentBefore ||= record !== undefined && record.state !== 'queued' && !isOurMark(delivery);
    delivery.maybeTaken = maybeTaken(delivery);
    // CCS had it from somebody else
    if (delivery.disputed && delivery.maybeSentBefore) delivery.outcome = ackedOutcome({}, this.#shared.turn.nowMs);
    if (!accepts(delivery, 'open')) return this.pursue(delivery); // its next step does not hang on the document
    const ended = recordedEnd(delivery);
    if (state === 'claiming' && isOurMark(delivery)) {
      // the claim's answer was lost, the claim was not
      delivery.contested = wasUnsent && delivery.maybeSentBefore;
      this.#deliveries.move(delivery, 'written');
    } else if (ended !== undefined) {
      if (isOwn(delivery, ended)) this.#deliveries.move(delivery, 'written');
      else this.#endedBefore(delivery, ended);
    } else if (record?.cancelRequestedAtMs !== undefined && !delivery.maybeTaken && accepts(delivery, 'cancel')) {
      delivery.outcome = cancelledOutcome(this.#shared.turn.nowMs);
      this.#deliveries.move(delivery, 'cancel');
    } else if (state === 'settling') {
      this.#endAnew(delivery);
    } else {
      this.#deliveries.move(delivery, 'open');
    }
  }

  /**
   * Its end was not written, because the document has changed. Where somebody else has sent it meanwhile, it has
   * neither expired nor been cancelled.
   */
  #endAnew(delivery: Delivery): void {
    const { state, atMs } = outcomeOf(delivery);
    // that worker brings it to its end
    if (state === 'cancelled' && delivery.maybeTaken) return this.#deliveries.move(delivery, 'release');
    if (state === 'expired') delivery.outcome = overdueOutcome(delivery, atMs);
    this.#deliveries.move(delivery, 'open');
  }

  /** Answers to an operation of a delivery that is not here any more are dropped. */
  #busy(messageId: string): Delivery | undefined {
    const delivery = this.#deliveries.get(messageId);
    return delivery?.busy === true ? delivery : undefined;
  }
}

/** How it ended, where its document is known to say so. That is never out of date: it does not change any more. */
function recordedEnd({ known }: Delivery): Outcome | undefined {
  const record = known?.record;
  return record !== undefined && isTerminal(record.state) ? recordedOutcome(record, record.state) : undefined;
}

/**
 * It is our own write, of which nobody knew whether it happened. What we know beyond the record (a canonical token)
 * still counts.
 */
const isOwn = ({ state, outcome }: Delivery, ended: Outcome): boolean =>
  state === 'settling' && outcome?.state === ended.state && outcome.atMs === ended.atMs;

/**
 * The document says already that we sent it, or how it ended: a slow answer adds nothing. What another worker wrote
 * does not speak for us.
 */
const saysWhatWeDid = (delivery: Delivery): boolean =>
  !delivery.stale && (isOurMark(delivery) || recordedEnd(delivery) !== undefined);

/** Nobody has sent it, as far as the document knows: a first send shows there a little later (timing.ts). */
const saysUnsent = ({ known }: Delivery): boolean =>
  known?.record === undefined || (known.record.state === 'queued' && known.record.attempts === 0);

/** The document says of one that was sent and waits whether FCM may have it, and that it was sent; or how it ended. */
const saysHowItStands = (delivery: Delivery): boolean => {
  const record = delivery.known?.record;
  if (delivery.stale || record === undefined) return false;
  return isTerminal(record.state) || (record.state === waitingState(delivery) && record.attempts > 0);
};

/**
 * Of what was just read: another's `sent` says that FCM may have it. `queued` after attempts was written by one who
 * knew that each was refused, and whoever sends it after that claims it first: that clears what a redelivery alone
 * leaves open.
 */
function maybeTaken({ known, state, maybeTaken: before, markedAtMs }: Delivery): boolean {
  const record = known?.record;
  if (record?.state === 'sent') return before || record.updatedAtMs !== markedAtMs;
  return before && !(state === 'reading' && record?.state === 'queued' && record.attempts > 0);
}

/** The write that just succeeded is the one that the state waits for, not one left over from the state before. */
function isSatisfied(delivery: Delivery, record: DeliveryRecord): boolean {
  const { state, attempts, lastError } = delivery;
  if (state === 'settling') return isTerminal(record.state);
  if (state !== 'claiming' && state !== 'returning') return false;
  return (
    record.state === (state === 'claiming' ? 'sent' : waitingState(delivery)) &&
    record.attempts === attempts &&
    record.error === lastError
  );
}
