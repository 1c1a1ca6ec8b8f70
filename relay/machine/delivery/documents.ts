import { claimOver } from './claim.ts';
import type { Deliveries } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import { accepts } from './delivery-table.ts';
import { conflictOf } from './id-conflict.ts';
import { newDocument } from './new-document.ts';
import { CONNECTION_LOST } from './send-rules.ts';
import { endOf, saysQueued, saysSent, type Snapshot } from './snapshot.ts';
import { ISOLATED_AFTER_LOSSES } from './suspicion.ts';
import { isAwaited, WANTED } from './wanted-record.ts';
import { ackedOutcome, cancelledOutcome, overdueOutcome, type Outcome } from '../../model/outcome.ts';
import type { StoredDelivery, Version } from '../../model/ports.ts';
import type { DeliveryRecord } from '../../model/record.ts';
import { backoffMs } from '../turn/backoff.ts';
import type { Shared } from '../turn/shared.ts';

/**
 * Keeps each delivery and its document in step: reads and writes what a state asks for, and draws the conclusions from
 * what comes back. document.ts has the theory.
 */
export class Documents {
  readonly #shared: Shared;
  readonly #deliveries: Deliveries;

  constructor(shared: Shared, deliveries: Deliveries) {
    this.#shared = shared;
    this.#deliveries = deliveries;
  }

  /**
   * Begins the operation that the delivery's state asks for, if any: first a read if the document is stale, then the
   * write. While another operation is under way its answer comes back here.
   */
  sync(delivery: Delivery): void {
    const { document, state } = delivery;
    const wanted = WANTED[state](delivery, this.#shared.turn.nowMs);
    if (wanted === undefined) return;
    const ended = accepts(delivery, 'settledBefore') ? endOf(document.record) : undefined;
    if (ended !== undefined) this.#endedBefore(delivery, ended);
    else if (document.isStale) this.#read(delivery);
    else if (document.isWritable && wanted !== 'read') this.#write(delivery, wanted);
  }

  found(messageId: string, stored: StoredDelivery | undefined): void {
    const delivery = this.#deliveries.get(messageId);
    const before = delivery?.document.snapshot;
    if (delivery?.document.found(stored) !== true) return;
    const conflict = conflictOf(delivery, this.#shared);
    if (conflict !== undefined) {
      delivery.outcome = conflict;
      return this.#deliveries.move(delivery, 'conflict');
    }
    this.#learn(delivery, before);
    if (accepts(delivery, 'open')) this.#decide(delivery, before);
    else this.sync(delivery); // its next step does not depend on the document
  }

  written(messageId: string, version: Version): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery === undefined) return;
    const before = delivery.document.snapshot;
    const written = delivery.document.written(version);
    if (written === false) return;
    if (!isAwaited(delivery, written)) this.sync(delivery);
    else if (accepts(delivery, 'claimed')) this.#claimed(delivery, before, written.updatedAtMs);
    else this.#deliveries.move(delivery, 'written');
  }

  conflicted(messageId: string): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery?.document.conflicted() === true) this.sync(delivery);
  }

  failed(messageId: string): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery?.document.failed() !== true) return;
    const { config, turn, agenda } = this.#shared;
    const { failures } = delivery.document;
    turn.note({ kind: 'storeFailed', messageId, failures });
    agenda.at(turn.nowMs + backoffMs(config.store, failures, turn.random()), () => this.sync(delivery));
  }

  #read({ messageId, document }: Delivery): void {
    document.read(this.#shared.turn.nowMs);
    this.#shared.turn.emit({ kind: 'read', messageId });
  }

  #write(delivery: Delivery, change: DeliveryRecord): void {
    const { messageId, document } = delivery;
    const { turn } = this.#shared;
    document.write(change);
    const version = document.snapshot?.version;
    if (version === undefined)
      turn.emit({ kind: 'create', messageId, record: newDocument(delivery, change, this.#shared) });
    else turn.emit({ kind: 'write', messageId, version, change });
  }

  /** What a read says of the message, whatever its delivery is doing. */
  #learn(delivery: Delivery, before: Snapshot | undefined): void {
    const { record, isOurMark } = delivery.document;
    delivery.attempts = Math.max(delivery.attempts, record?.attempts ?? 0);
    delivery.maybeSentBefore ||= record !== undefined && !saysQueued(record) && !isOurMark;
    if (saysSent(record)) delivery.maybeTaken ||= !isOurMark;
    else if (before === undefined && saysQueued(record) && record.attempts > 0) delivery.maybeTaken = false;
    // FCM has it from another worker
    if (delivery.disputed && delivery.maybeSentBefore) delivery.outcome = ackedOutcome({}, this.#shared.turn.nowMs);
  }

  /** What a read means where the next step depends on it. */
  #decide(delivery: Delivery, before: Snapshot | undefined): void {
    const { record, ourMark } = delivery.document;
    const ended = endOf(record);
    if (ourMark !== undefined && accepts(delivery, 'claimed'))
      return this.#claimed(delivery, before, ourMark.updatedAtMs); // only its answer was lost
    if (ended !== undefined && isOurEnd(delivery, ended)) return this.#deliveries.move(delivery, 'written');
    if (ended !== undefined) return this.#endedBefore(delivery, ended);
    if (record?.cancelRequestedAtMs !== undefined && !delivery.maybeTaken && accepts(delivery, 'cancel'))
      return this.#cancel(delivery);
    if (before === undefined) takeUp(delivery);
    this.#open(delivery);
  }

  #claimed(delivery: Delivery, before: Snapshot | undefined, atMs: number): void {
    delivery.document.claim = claimOver(before?.record, delivery.maybeSentBefore, atMs);
    this.#deliveries.move(delivery, 'claimed');
  }

  /** A settled document is never changed: what it says is how the message ended. */
  #endedBefore(delivery: Delivery, ended: Outcome): void {
    delivery.outcome = ended;
    this.#deliveries.move(delivery, 'settledBefore');
  }

  #cancel(delivery: Delivery): void {
    delivery.outcome = cancelledOutcome(this.#shared.turn.nowMs);
    this.#deliveries.move(delivery, 'cancel');
  }

  /**
   * The document is open. An end that we failed to write may not be true any more: if another worker has sent the
   * message meanwhile, it is neither expired nor cancelled.
   */
  #open(delivery: Delivery): void {
    const { outcome, maybeTaken } = delivery;
    // that worker ends it
    if (outcome?.state === 'cancelled' && maybeTaken) return this.#deliveries.move(delivery, 'release');
    if (outcome?.state === 'expired') delivery.outcome = overdueOutcome(delivery, outcome.atMs);
    this.#deliveries.move(delivery, 'open');
  }
}

/**
 * The end that we were writing when its answer was lost. It is announced as ours, with what we know beyond the record
 * (a canonical token).
 */
const isOurEnd = (delivery: Delivery, { state, atMs }: Outcome): boolean =>
  accepts(delivery, 'written') && delivery.outcome?.state === state && delivery.outcome.atMs === atMs;

/** Goes on where the worker that had the message before left off. */
function takeUp(delivery: Delivery): void {
  delivery.lastError = delivery.document.record?.error;
  if (delivery.lastError === CONNECTION_LOST) delivery.suspicion.losses = ISOLATED_AFTER_LOSSES;
}
