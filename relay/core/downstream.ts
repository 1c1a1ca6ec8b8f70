import { encodeDownstream } from '../protocol/encode.ts';
import type { DownstreamMessage } from '../protocol/message.ts';
import { announcementOf } from './announcement.ts';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { DELIVERY_TABLE, newDelivery, type Delivery, type DeliveryEventName, type DeliveryState } from './delivery.ts';
import type { Input } from './input.ts';
import { Lanes } from './lanes.ts';
import { cancelledOutcome, expiredOutcome, recordedOutcome, settlingChange, type Outcome } from './outcome.ts';
import type { Pool } from './pool.ts';
import type { StoredMessage, Version } from './ports.ts';
import { isTerminal, type RecordChange } from './record.ts';
import { Storage } from './storage.ts';
import type { Shared } from './shared.ts';
import { step } from './table.ts';
import { Throttle } from './throttle.ts';
import { READ_VALID_MS, SLOW_ANSWER_MS } from './timing.ts';

type Pulled = Extract<Input, { kind: 'pulled' }>;

/** So many windows' worth of messages are read ahead of sending: enough to hide the reads, few enough that the reads stay fresh. */
const READ_AHEAD_WINDOWS = 2;

/**
 * A message with time_to_live 0 is "now or never" for the device. The relay gives itself this long to hand it over,
 * where a strict zero would let none of them through.
 */
export const NOW_OR_NEVER_MS = 2_000;

/** These are ahead of the window: they use up read-ahead. */
const AHEAD: ReadonlySet<DeliveryState> = new Set(['reading', 'ready', 'claiming']);

/** What a read or write of the document decides about. */
const AWAITS_STORE: ReadonlySet<DeliveryState> = new Set(['reading', 'claiming', 'pending', 'settling', 'returning']);
const MAY_CANCEL: ReadonlySet<DeliveryState> = new Set(['reading', 'claiming']);

/** The downstream messages that this worker holds, each on its way through DELIVERY_TABLE. */
export class Downstream {
  readonly #shared: Shared;
  readonly #pool: Pool;
  readonly #storage: Storage;
  readonly #throttle: Throttle;
  readonly #deliveries = new Map<string, Delivery>();
  readonly #held = new Lanes<Delivery>();
  readonly #ready = new Lanes<Delivery>();
  readonly #inState = new Map<DeliveryState, number>();
  #stopping = false;

  constructor(shared: Shared, pool: Pool) {
    this.#shared = shared;
    this.#pool = pool;
    this.#storage = new Storage(shared);
    this.#throttle = new Throttle(shared.config.slowdown);
  }

  /** How many are here. */
  get size(): number {
    return this.#deliveries.size;
  }

  count(state: DeliveryState): number {
    return this.#inState.get(state) ?? 0;
  }

  pulled({ lease, lane, queued, deliveryAttempt }: Pulled): void {
    if (this.#stopping) {
      this.#shared.turn.emit({ kind: 'releaseLease', lease });
      return;
    }
    const known = this.#deliveries.get(queued.message.message_id);
    if (known !== undefined) { // Pub/Sub repeats itself; both leases end when the message does
      known.leases.push(lease);
      known.hadBefore = true;
      return;
    }
    const delivery = newDelivery(queued, lane, targetKeyOf(queued.message));
    delivery.leases.push(lease);
    delivery.hadBefore = deliveryAttempt > 1;
    this.#deliveries.set(delivery.messageId, delivery);
    this.#count('held', 1);
    this.#held.push(lane, delivery);
  }

  /** Reads ahead and sends, as far as there is room. Called at the end of every turn. */
  fill(): void {
    const { connections, pendingLimit } = this.#shared.config;
    const readAhead = READ_AHEAD_WINDOWS * connections * pendingLimit;
    while (this.#ahead() < readAhead) {
      const delivery = this.#held.take();
      if (delivery === undefined) break;
      this.#move(delivery, 'begin');
    }
    while (this.#ready.size > 0 && this.#pool.withRoom(undefined) !== undefined) {
      const delivery = this.#ready.take();
      if (delivery !== undefined) this.#pass(delivery);
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
    if (this.#isSatisfied(delivery)) this.#move(delivery, 'written');
    else this.#pursue(delivery);
  }

  hasConflict(messageId: string): void {
    const delivery = this.#busy(messageId);
    if (delivery === undefined) return;
    this.#storage.hasConflict(delivery);
    this.#pursue(delivery);
  }

  storeFailed(messageId: string): void {
    const delivery = this.#busy(messageId);
    if (delivery !== undefined) this.#storage.hasFailed(delivery);
  }

  /** After a failed read or write: its time has come again. */
  storeAgain(delivery: Delivery): void {
    this.#pursue(delivery);
  }

  announced(messageId: string): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery?.state === 'announcing') this.#move(delivery, 'announced');
  }

  announceFailed(messageId: string): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery?.state !== 'announcing') return;
    const { config, turn, agenda } = this.#shared;
    delivery.storeFailures++;
    turn.note({ kind: 'publishFailed', failures: delivery.storeFailures });
    agenda.add(turn.nowMs + backoffMs(config.store, delivery.storeFailures, turn.random()), { kind: 'announce', delivery });
  }

  announceAgain(delivery: Delivery): void {
    if (delivery.state === 'announcing') this.#announce(delivery);
  }

  /** Answered for good. The caller has freed the slot. */
  settle(delivery: Delivery, outcome: Outcome): void {
    delivery.outcome = outcome;
    this.#move(delivery, outcome.state === 'acked' ? 'ack' : 'refuse');
  }

  /** To be sent again at once, on whatever connection is open. */
  again(delivery: Delivery): void {
    if (delivery.state === 'returning') return; // it goes back to Pub/Sub, which hands it out again
    this.#move(delivery, 'again');
  }

  /** To be sent again after a wait (protocol §4: doubling with every attempt). */
  retry(delivery: Delivery, error: string): void {
    const { config, turn } = this.#shared;
    delivery.lastError = error;
    this.#rest(delivery, turn.nowMs + backoffMs(config.retry, delivery.attempts, turn.random()));
  }

  /** CCS wants less for this device or topic: everything to it waits. */
  slowDown(delivery: Delivery, error: string): void {
    const { config, turn } = this.#shared;
    const untilMs = this.#throttle.strike(delivery.targetKey, turn.nowMs, turn.random());
    delivery.lastError = error;
    this.#rest(delivery, untilMs + turn.random() * config.slowdown.firstMs);
  }

  rested(delivery: Delivery): void {
    if (delivery.state === 'resting' && delivery.restsUntilMs <= this.#shared.turn.nowMs) this.#move(delivery, 'rested');
  }

  /** An answer is slow: its document has to say `sent`, since a cancel may be waiting to see it (timing.ts). */
  watch(connection: Connection): void {
    const slowMs = this.#shared.turn.nowMs - SLOW_ANSWER_MS;
    for (const delivery of connection.window.values()) {
      if (delivery.sentAtMs > slowMs) return; // the window is in the order of sending
      if (delivery.state === 'pending') this.#pursue(delivery);
    }
  }

  prune(): void {
    this.#throttle.prune(this.#shared.turn.nowMs);
  }

  /** Nothing new is begun; what only waits goes back to Pub/Sub. What is pending stays until it is answered, or `giveBackAll`. */
  stop(): void {
    this.#stopping = true;
    this.#giveBack(['held', 'ready', 'resting']);
  }

  /** The time for answers is over. */
  giveBackAll(): void {
    this.#giveBack(['pending']);
  }

  #giveBack(states: readonly DeliveryState[]): void {
    for (const delivery of [...this.#deliveries.values()]) {
      if (states.includes(delivery.state)) this.#return(delivery, 'stopping');
    }
    for (const lanes of [this.#held, this.#ready]) while (lanes.take() !== undefined); // all that was in them has gone
  }

  #return(delivery: Delivery, why: 'stopping' | 'longWait' | 'fullOfWaiting'): void {
    this.#shared.turn.note({ kind: 'givenBack', messageId: delivery.messageId, why });
    this.#move(delivery, delivery.attempts === 0 ? 'release' : 'giveBack');
  }

  /** There is room for it: send it, unless something speaks against sending it now. */
  #pass(delivery: Delivery): void {
    const { config, turn } = this.#shared;
    const slowUntilMs = this.#throttle.waitUntilMs(delivery.targetKey, turn.nowMs);
    if (turn.nowMs >= expiresAtMs(delivery)) {
      delivery.outcome = expiredOutcome(delivery.lastError, turn.nowMs);
      this.#move(delivery, 'expire');
    } else if (slowUntilMs !== undefined) {
      this.#rest(delivery, slowUntilMs + turn.random() * config.slowdown.firstMs);
    } else if (needsClaim(delivery, turn.nowMs)) {
      this.#move(delivery, 'claim');
    } else {
      const connection = this.#pool.withRoom(delivery.connection);
      if (connection !== undefined) this.#send(connection, delivery);
    }
  }

  #send(connection: Connection, delivery: Delivery): void {
    const { turn } = this.#shared;
    const { messageId, queued: { message } } = delivery;
    connection.window.admit(messageId, delivery);
    delivery.connection = connection.id;
    delivery.sentAtMs = turn.nowMs;
    delivery.attempts++;
    delivery.claimed = false;
    this.#move(delivery, 'send');
    const ttlSeconds = message.time_to_live === 0 ? 0 : Math.ceil((expiresAtMs(delivery) - turn.nowMs) / 1_000);
    turn.emit({ kind: 'send', connection: connection.id, stanzaId: messageId, json: encodeDownstream(message, ttlSeconds) });
    turn.note({ kind: 'sent', messageId, connection: connection.id, attempts: delivery.attempts });
  }

  #rest(delivery: Delivery, untilMs: number): void {
    if (delivery.state === 'returning') return; // it goes back to Pub/Sub, which hands it out again
    const { config, turn, agenda } = this.#shared;
    delivery.restsUntilMs = Math.min(untilMs, expiresAtMs(delivery));
    this.#move(delivery, 'rest');
    const waitMs = delivery.restsUntilMs - turn.nowMs;
    const { messageId, attempts, lastError: error } = delivery;
    turn.note({ kind: 'resting', messageId, error, waitMs, attempts });
    if (this.#stopping) this.#return(delivery, 'stopping');
    else if (waitMs > config.longestRestMs) this.#return(delivery, 'longWait');
    else if (this.count('resting') > config.holdLimit / 2) this.#return(delivery, 'fullOfWaiting');
    else agenda.add(delivery.restsUntilMs, { kind: 'rested', delivery });
  }

  /** What a read says, for a delivery whose next step depends on it. */
  #learn(delivery: Delivery): void {
    const record = delivery.known?.record;
    if (record !== undefined && delivery.attempts < record.attempts) delivery.attempts = record.attempts;
    if (record !== undefined && record.state !== 'queued') delivery.hadBefore = true;
    if (!AWAITS_STORE.has(delivery.state)) return; // it went on meanwhile; what was read serves its next step
    if (record !== undefined && isTerminal(record.state)) {
      if (delivery.state !== 'pending') delivery.outcome = recordedOutcome(record, record.state);
      this.#move(delivery, 'settledBefore');
    } else if (record?.cancelRequestedAtMs !== undefined && delivery.attempts === 0 && MAY_CANCEL.has(delivery.state)) {
      delivery.outcome = cancelledOutcome(this.#shared.turn.nowMs);
      this.#move(delivery, 'cancel');
    } else {
      this.#move(delivery, 'open');
    }
  }

  /** The step to the next state, and what that state begins with. */
  #move(delivery: Delivery, event: DeliveryEventName): void {
    this.#count(delivery.state, -1);
    const from = delivery.state;
    delivery.state = step('delivery', DELIVERY_TABLE, from, event);
    this.#count(delivery.state, 1);
    switch (delivery.state) {
      case 'ready':
        return this.#enterReady(delivery, from);
      case 'announcing':
        this.#noteSettled(delivery, event === 'settledBefore');
        return this.#announce(delivery);
      case 'gone':
        return this.#leave(delivery, event === 'announced');
      case 'reading':
      case 'claiming':
      case 'settling':
      case 'returning':
        return this.#pursue(delivery);
      case 'pending':
        if (event === 'open') this.#pursue(delivery);
        return;
      case 'held':
      case 'resting':
        return;
    }
  }

  #enterReady(delivery: Delivery, from: DeliveryState): void {
    if (from === 'claiming') delivery.claimed = true;
    if (this.#stopping) this.#return(delivery, 'stopping');
    else if (from === 'reading') this.#queue(delivery);
    else this.#ready.unshift(delivery.lane, delivery); // it was on its way already
  }

  /** Fresh from the queue. If somebody was told to wait with it, the wait goes on here (protocol §4: at least doubling). */
  #queue(delivery: Delivery): void {
    const { config, turn } = this.#shared;
    const record = delivery.known?.record;
    delivery.lastError = record?.error;
    const waitUntilMs = record?.error === undefined ? 0 : record.updatedAtMs + backoffMs(config.retry, record.attempts, 0);
    if (waitUntilMs > turn.nowMs) this.#rest(delivery, waitUntilMs);
    else this.#ready.push(delivery.lane, delivery);
  }

  #noteSettled({ messageId, lane, attempts, outcome, queued }: Delivery, knownBefore: boolean): void {
    if (outcome === undefined) return;
    const { turn } = this.#shared;
    const sinceAcceptedMs = turn.nowMs - queued.acceptedAtMs;
    turn.note({ kind: 'settled', messageId, state: outcome.state, lane, attempts, error: outcome.error, sinceAcceptedMs, knownBefore });
  }

  #announce(delivery: Delivery): void {
    const { config: { senderId }, turn, hash } = this.#shared;
    if (delivery.outcome === undefined) return; // every way into `announcing` sets it
    turn.emit({ kind: 'announce', messageId: delivery.messageId, ...announcementOf(senderId, delivery, delivery.outcome, hash) });
  }

  #leave(delivery: Delivery, handled: boolean): void {
    this.#count('gone', -1);
    this.#deliveries.delete(delivery.messageId);
    if (delivery.connection !== undefined) this.#pool.get(delivery.connection)?.window.settle(delivery.messageId);
    for (const lease of delivery.leases) this.#shared.turn.emit({ kind: handled ? 'ackLease' : 'releaseLease', lease });
  }

  /** The read or write that the delivery's state calls for. */
  #pursue(delivery: Delivery): void {
    const { nowMs } = this.#shared.turn;
    if (delivery.state === 'reading') this.#storage.pursue(delivery, undefined);
    else if (delivery.state === 'settling' && delivery.outcome !== undefined) this.#storage.pursue(delivery, settlingChange(delivery.outcome, delivery.attempts));
    else if (delivery.state === 'claiming' || delivery.state === 'returning' || (delivery.state === 'pending' && !this.#isMarked(delivery))) {
      this.#storage.pursue(delivery, sentChange(delivery, nowMs));
    }
  }

  /** The document of a pending message says already that it was sent, or settled by somebody else: nothing to add. */
  #isMarked({ known, stale }: Delivery): boolean {
    return !stale && known?.record !== undefined && known.record.state !== 'queued';
  }

  /** The write that just succeeded is the one that the state waits for, not one left over from the state before. */
  #isSatisfied({ state, known, attempts }: Delivery): boolean {
    const record = known?.record;
    if (record === undefined) return false;
    if (state === 'settling') return isTerminal(record.state);
    return (state === 'claiming' || state === 'returning') && record.state === 'sent' && record.attempts === attempts;
  }

  #busy(messageId: string): Delivery | undefined {
    const delivery = this.#deliveries.get(messageId);
    return delivery?.busy === true ? delivery : undefined;
  }

  #ahead(): number {
    let ahead = 0;
    for (const state of AHEAD) ahead += this.count(state);
    return ahead;
  }

  #count(state: DeliveryState, by: 1 | -1): void {
    this.#inState.set(state, this.count(state) + by);
  }
}

const expiresAtMs = ({ queued: { acceptedAtMs, message } }: Delivery): number =>
  acceptedAtMs + (message.time_to_live === 0 ? NOW_OR_NEVER_MS : message.time_to_live * 1_000);

/** Only the very first send may rest on a read, and only on a fresh one (timing.ts). */
const needsClaim = ({ claimed, attempts, stale, readAtMs }: Delivery, nowMs: number): boolean =>
  !claimed && (attempts > 0 || stale || nowMs - readAtMs > READ_VALID_MS);

const sentChange = ({ attempts, lastError }: Delivery, nowMs: number): RecordChange => ({
  state: 'sent',
  attempts,
  error: lastError,
  updatedAtMs: nowMs,
});

/** A limit of CCS applies to a device, a topic or a condition as it is written. */
const targetKeyOf = (message: DownstreamMessage): string => message.to ?? message.condition ?? '';
