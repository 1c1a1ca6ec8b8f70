import type { Delivery, DeliveryState } from './delivery.ts';
import { cancelledOutcome, recordedOutcome, settlingChange } from './outcome.ts';
import type { StoredMessage, Version } from './ports.ts';
import { isTerminal, type RecordChange } from './record.ts';
import type { Shared } from './shared.ts';
import type { Shelf } from './shelf.ts';
import { Storage } from './storage.ts';

/** In these states the next step hangs on what the document says. */
const AWAITS_DOCUMENT: ReadonlySet<DeliveryState> = new Set(['reading', 'claiming', 'pending', 'settling', 'returning']);

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
    const { state, outcome, attempts } = delivery;
    switch (state) {
      case 'reading':
        return this.#storage.pursue(delivery, undefined);
      case 'settling':
        return this.#storage.pursue(delivery, outcome && settlingChange(outcome, attempts));
      case 'claiming':
      case 'returning':
        return this.#storage.pursue(delivery, sentChange(delivery, this.#shared.turn.nowMs));
      case 'pending':
        if (!saysSent(delivery)) this.#storage.pursue(delivery, sentChange(delivery, this.#shared.turn.nowMs));
        return;
      default:
        return;
    }
  }

  wasRead(messageId: string, stored: StoredMessage | undefined): void {
    const delivery = this.#busy(messageId);
    if (delivery === undefined) return;
    this.#storage.wasRead(delivery, stored?.record, stored?.version);
    this.#learn(delivery);
  }

  wasWritten(messageId: string, version: Version): void {
    const delivery = this.#busy(messageId);
    if (delivery === undefined) return;
    this.#storage.wasWritten(delivery, version);
    if (isSatisfied(delivery)) this.#shelf.move(delivery, 'written');
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

  #learn(delivery: Delivery): void {
    const { known, state } = delivery;
    const record = known?.record;
    delivery.attempts = Math.max(delivery.attempts, record?.attempts ?? 0);
    delivery.hadBefore ||= record !== undefined && record.state !== 'queued';
    if (!AWAITS_DOCUMENT.has(state)) return; // it went on meanwhile; what was read serves its next step
    if (record !== undefined && isTerminal(record.state)) {
      if (state !== 'pending') delivery.outcome = recordedOutcome(record, record.state);
      this.#shelf.move(delivery, 'settledBefore');
    } else if (record?.cancelRequestedAtMs !== undefined && delivery.attempts === 0 && MAY_CANCEL.has(state)) {
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

/** The document says already that it was sent, or how it ended: a slow answer adds nothing. */
const saysSent = ({ known, stale }: Delivery): boolean => !stale && known?.record !== undefined && known.record.state !== 'queued';

/** The write that just succeeded is the one that the state waits for, not one left over from the state before. */
function isSatisfied({ state, known, attempts }: Delivery): boolean {
  const record = known?.record;
  if (record === undefined) return false;
  if (state === 'settling') return isTerminal(record.state);
  return (state === 'claiming' || state === 'returning') && record.state === 'sent' && record.attempts === attempts;
}

const sentChange = ({ attempts, lastError }: Delivery, nowMs: number): RecordChange => ({
  state: 'sent',
  attempts,
  error: lastError,
  updatedAtMs: nowMs,
});
