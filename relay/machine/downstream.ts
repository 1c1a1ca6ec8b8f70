import type { Priority } from '../protocol/legacy/message.ts';
import { announcementOf } from './announcement.ts';
import { backoffMs } from './turn/backoff.ts';
import type { Connection } from './links/connection.ts';
import { newDelivery, outcomeOf, type Delivery } from './delivery/delivery.ts';
import { accepts, type DeliveryGroup, type DeliveryState } from './delivery/delivery-table.ts';
import type { Input } from './turn/input.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Loss } from './links/liveness.ts';
import type { Pool } from './links/pool.ts';
import { Losses } from './sending/losses.ts';
import { Documents } from './delivery/documents.ts';
import { Delays } from './pacing/delays.ts';
import { Sending } from './sending/sending.ts';
import type { Shared } from './turn/shared.ts';
import { Deliveries, type Entry } from './delivery/deliveries.ts';
import { SLOW_ANSWER_MS } from '../model/timing.ts';

/** The downstream messages in this worker, and what happens when one enters a state of DELIVERY_TABLE. */
export class Downstream {
  readonly #shared: Shared;
  readonly #pool: Pool;
  readonly #deliveries: Deliveries;
  readonly documents: Documents;
  readonly delays: Delays;
  readonly sending: Sending;
  readonly #losses: Losses;

  constructor(shared: Shared, pool: Pool) {
    this.#shared = shared;
    this.#pool = pool;
    this.#deliveries = new Deliveries(this.#begin());
    this.documents = new Documents(shared, this.#deliveries);
    this.delays = new Delays(shared, this.#deliveries);
    this.sending = new Sending(shared, this.#deliveries, pool, this.delays);
    this.#losses = new Losses(shared, this.#deliveries, this.delays);
  }

  /** How many messages are here. */
  get size(): number {
    return this.#deliveries.size;
  }

  count(state: DeliveryState): number {
    return this.#deliveries.count(state);
  }

  oldestAcceptedAtMs(lane: Priority): number | undefined {
    return this.#deliveries.oldestAcceptedAtMs(lane);
  }

  pulled({ lease, lane, message, deliveryAttempt }: Extract<Input, { kind: 'pulled' }>): void {
    if (this.delays.handingBack !== undefined) {
      this.#shared.turn.emit({ kind: 'releaseLease', lease });
      return;
    }
    const known = this.#deliveries.get(message.messageId);
    if (known !== undefined) {
      // delivered again: both leases end when the message does
      known.leases.push(lease);
      if (deliveryAttempt > 1) this.#wasElsewhere(known); // a further copy that only we had proves nothing
      return;
    }
    const delivery = newDelivery(message, lane);
    delivery.leases.push(lease);
    if (deliveryAttempt > 1 || message.repeated) this.#wasElsewhere(delivery);
    this.#deliveries.add(delivery);
    this.sending.hold(delivery);
  }

  /** Their connection ended before they were answered. */
  lost(pending: readonly Delivery[], connection: Connection, loss: Loss): void {
    this.#losses.lost(pending, connection, { loss, health: this.#pool.health });
  }

  /** The outcome of its send is unknown. The caller has freed its place. */
  unanswered(delivery: Delivery, connection: Connection): void {
    this.#losses.unanswered(delivery, connection);
  }

  /** Answered for good. The caller has freed its place. */
  settle(delivery: Delivery, outcome: Outcome): void {
    if (!accepts(delivery, 'settle')) return; // it was found settled meanwhile
    delivery.outcome = outcome;
    this.#deliveries.move(delivery, 'settle');
  }

  /**
   * FCM acked a message that is not pending on that connection: an earlier send was acked after all, or the ack came
   * twice. FCM has the message, so it is not sent again. Where the table has no `settle` now (its claim is being
   * written), Sending settles it next.
   */
  settleLate(messageId: string, outcome: Outcome): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery === undefined || delivery.sentAtMs === 0 || delivery.outcome !== undefined) return;
    delivery.outcome = outcome;
    delivery.maybeTaken = true; // whatever an earlier answer said: it can no longer be cancelled
    this.#deliveries.offer(delivery, 'settle');
  }

  announced(messageId: string): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery !== undefined) this.#deliveries.offer(delivery, 'announced');
  }

  announceFailed(messageId: string): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery === undefined || !accepts(delivery, 'republish')) return;
    const { config, turn, agenda } = this.#shared;
    delivery.publishFailures++;
    turn.note({ kind: 'publishFailed', failures: delivery.publishFailures });
    const againMs = turn.nowMs + backoffMs(config.store, delivery.publishFailures, turn.random());
    agenda.at(againMs, () => {
      this.#deliveries.offer(delivery, 'republish');
    });
  }

  /** Marks what has waited long for its answer as `sent`: a cancel may be waiting to see that (document.ts). */
  watch(connection: Connection): void {
    const slowMs = this.#shared.turn.nowMs - SLOW_ANSWER_MS;
    for (const delivery of connection.window.values()) {
      if (delivery.sentAtMs > slowMs) return; // oldest first
      if (!delivery.document.isRetrying) this.documents.sync(delivery);
    }
  }

  /** Begins nothing new, and hands back what waits. What is pending stays until its answer, or `handBackPending`. */
  stop(): void {
    this.delays.handingBack = 'stopping';
    this.#handBack('waiting', 'stopping');
  }

  /** No connection has been open for a while: hands back what waits, once per outage, for other workers to send. */
  away(): void {
    const before = this.size;
    this.delays.handingBack = 'noConnection';
    this.#handBack('waiting', 'noConnection');
    this.#shared.turn.note({ kind: 'away', handedBack: before - this.size + this.count('returning') });
  }

  backAgain(): void {
    this.delays.handingBack = undefined;
    this.#shared.turn.note({ kind: 'backAgain' });
  }

  /** The time to wait for answers is over. */
  handBackPending(): void {
    for (const delivery of this.#deliveries.in('pending')) delivery.maybeTaken = true;
    this.#handBack('pending', 'stopping');
  }

  /** Another worker may have sent it, unless its document shows otherwise (Documents). */
  #wasElsewhere(delivery: Delivery): void {
    delivery.maybeSentBefore = true;
    delivery.maybeTaken = true;
  }

  #handBack(group: DeliveryGroup, why: 'stopping' | 'noConnection'): void {
    for (const delivery of this.#deliveries.in(group)) this.delays.handBack(delivery, why);
  }

  #begin(): Readonly<Record<DeliveryState, Entry>> {
    const sync: Entry = (delivery) => this.documents.sync(delivery);
    const wait: Entry = () => undefined;
    return {
      held: wait,
      reading: sync,
      ready: (delivery, from, event) => {
        this.sending.ready(delivery, from, event);
        sync(delivery, from, event);
      },
      claiming: sync,
      pending: wait,
      resting: sync,
      settling: sync,
      announcing: (delivery, _from, event) => {
        if (event !== 'republish') this.#noteSettled(delivery, event === 'settledBefore');
        this.#announce(delivery);
      },
      returning: sync,
      gone: (delivery, _from, event) => this.#leave(delivery, event === 'announced'),
    };
  }

  #noteSettled(delivery: Delivery, knownBefore: boolean): void {
    const { turn } = this.#shared;
    const { messageId, lane, attempts, message } = delivery;
    const { state, error } = outcomeOf(delivery);
    const sinceAcceptedMs = turn.nowMs - message.acceptedAtMs;
    turn.note({ kind: 'settled', messageId, state, lane, attempts, error, sinceAcceptedMs, knownBefore });
  }

  #announce(delivery: Delivery): void {
    const {
      config: { senderId },
      turn,
      hash,
    } = this.#shared;
    turn.emit({
      kind: 'announce',
      messageId: delivery.messageId,
      ...announcementOf(senderId, delivery, outcomeOf(delivery), hash),
    });
  }

  #leave(delivery: Delivery, handled: boolean): void {
    if (delivery.connection !== undefined) this.#pool.get(delivery.connection)?.window.settle(delivery.messageId);
    for (const lease of delivery.leases) this.#shared.turn.emit({ kind: handled ? 'ackLease' : 'releaseLease', lease });
  }
}
