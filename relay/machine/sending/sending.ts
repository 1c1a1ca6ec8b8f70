import { overdueOutcome } from '../../model/outcome.ts';
import { CANCEL_WAIT_MS } from '../../model/timing.ts';
import { UNCLAIMED } from '../delivery/claim.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { accepts, type DeliveryEventName, type DeliveryState } from '../delivery/delivery-table.ts';
import { expiresAtMs, inHandsUntilMs, needsClaim, secondsToLive, waitAfter } from '../delivery/send-rules.ts';
import { isIsolated } from '../delivery/suspicion.ts';
import { isProven, PROOF_WAIT_MS, type Connection } from '../links/connection.ts';
import type { Pool } from '../links/pool.ts';
import { Breaker } from '../pacing/breaker.ts';
import type { Delays } from '../pacing/delays.ts';
import { Lanes } from '../pacing/lanes.ts';
import { backoffMs } from '../turn/backoff.ts';
import type { Shared } from '../turn/shared.ts';
import { Suspects } from './suspects.ts';
import { Waiting } from './waiting.ts';

/** How many windows' worth to read ahead of sending: enough to hide the reads, few enough that they stay fresh. */
const READ_AHEAD_WINDOWS = 2;

/** Decides which message goes out next: lanes, windows, claims, times to live, and the breaker. */
export class Sending {
  readonly #shared: Shared;
  readonly #deliveries: Deliveries;
  readonly #pool: Pool;
  readonly #delays: Delays;
  readonly #breaker: Breaker;
  readonly #held = new Lanes<Delivery>();
  readonly #waiting: Waiting;
  /** Those that go out alone. */
  readonly #suspects: Suspects;
  /** How many messages may be unanswered at once. */
  readonly #places: number;

  constructor(shared: Shared, deliveries: Deliveries, pool: Pool, delays: Delays) {
    const { connections, pendingLimit, holdLimit, breaker } = shared.config;
    this.#shared = shared;
    this.#deliveries = deliveries;
    this.#pool = pool;
    this.#delays = delays;
    this.#breaker = new Breaker(breaker);
    this.#places = connections * pendingLimit;
    this.#waiting = new Waiting(this.#places);
    this.#suspects = new Suspects(holdLimit);
  }

  get breakerOpen(): boolean {
    return this.#breaker.isOpen;
  }

  hold(delivery: Delivery): void {
    this.#held.push(delivery.lane, delivery);
  }

  /** Read, claimed, or on its way already: its turn comes when a connection has room. */
  ready(delivery: Delivery, from: DeliveryState, event: DeliveryEventName): void {
    const { handingBack } = this.#delays;
    if (handingBack !== undefined && delivery.outcome !== undefined)
      this.#deliveries.move(delivery, 'settle'); // accepted while it was claimed
    else if (handingBack !== undefined) this.#delays.handBack(delivery, handingBack);
    else if (this.#isOver(delivery)) this.#expire(delivery);
    else if (event === 'open') this.#line(delivery, from);
    else if (event === 'claimed') this.#wasClaimed(delivery);
    else this.#lineUp(delivery, from);
  }

  /** Sends and reads ahead, as far as there is room. Called at the end of every turn. */
  fill(): void {
    const deliveries = this.#deliveries;
    this.#fillQuarantine();
    for (let room = this.#room(); room !== undefined; room = this.#room()) {
      const delivery = this.#next();
      if (delivery === undefined) break;
      if (accepts(delivery, 'send')) this.#pass(delivery, room); // else it expired in line
    }
    while (
      deliveries.count('reading') + this.#waiting.fresh + deliveries.count('claiming') <
      READ_AHEAD_WINDOWS * this.#places
    ) {
      const delivery = this.#held.take();
      if (delivery === undefined) break;
      deliveries.offer(delivery, 'begin'); // it may have been read to expire, or handed back
    }
  }

  /** To be sent again at once, on whatever connection is open. */
  again(delivery: Delivery): void {
    this.#deliveries.offer(delivery, 'again'); // one that is returning comes back by itself
  }

  /** FCM answered this message "later". */
  failed({ targetKey }: Delivery): void {
    const { turn } = this.#shared;
    const isNew = this.#delays.failing.failed(targetKey, turn.nowMs, turn.random());
    this.#probeAt(this.#breaker.failed(isNew, turn.nowMs, turn.random()), 'breakerOpen');
  }

  /** FCM answered something else; to this message, where it is known. */
  worked(delivery: Delivery | undefined): void {
    const { failing } = this.#delays;
    if (delivery !== undefined) failing.worked(delivery.targetKey);
    if (!this.#breaker.worked()) return;
    failing.forgive(this.#shared.turn.nowMs);
    this.#shared.turn.note({ kind: 'breakerClosed' });
  }

  /** Now and then: drops what is over, also among the messages that wait for a connection. */
  prune(): void {
    for (const delivery of this.#deliveries.in('inLine')) {
      if (!this.#isOver(delivery)) continue;
      if (!this.#deliveries.offer(delivery, 'begin')) this.#expire(delivery);
    }
  }

  /**
   * Fresh from its document. If it was told to wait in an earlier life, the wait goes on here (protocol §4: at least
   * doubling); if another worker holds it, that worker gets the time to settle it.
   */
  #line(delivery: Delivery, from: DeliveryState): void {
    const { config, turn } = this.#shared;
    const { record } = delivery.document;
    const toldUntilMs =
      record?.error === undefined
        ? 0
        : record.updatedAtMs + backoffMs(waitAfter(record.error, config), record.attempts, 0);
    const waitUntilMs = Math.max(toldUntilMs, inHandsUntilMs(delivery, turn.nowMs, turn.random()));
    if (waitUntilMs > turn.nowMs) this.#delays.until(delivery, waitUntilMs);
    else this.#lineUp(delivery, from);
  }

  #lineUp(delivery: Delivery, from: DeliveryState): void {
    this.#waiting.isBack(delivery);
    if (!isIsolated(delivery)) this.#waiting.add(delivery, from);
    else if (this.#suspects.isFull) this.#delays.handBack(delivery, 'fullOfWaiting');
    else this.#suspects.add(delivery);
  }

  /**
   * The document says `sent` in our name. If it was `queued` until now though another worker has or had the message,
   * that worker may be sending it on an earlier read (document.ts). By the end of the wait that would show, and the
   * second claim fails if it does.
   */
  #wasClaimed(delivery: Delivery): void {
    const { turn } = this.#shared;
    if (delivery.document.claim.kind === 'contested') this.#delays.until(delivery, turn.nowMs + CANCEL_WAIT_MS);
    else if (isIsolated(delivery)) this.#suspects.add(delivery);
    else this.#waiting.addClaimed(delivery);
  }

  /**
   * While the breaker is open, a target that has not failed tells best whether FCM works again. Any of them: the first
   * in line may all be of the batch that opened it.
   */
  #next(): Delivery | undefined {
    if (this.#breaker.isOpen) {
      const mayTell = ({ targetKey }: Delivery): boolean => !this.#delays.failing.has(targetKey);
      const probe = this.#waiting.takeWhere(mayTell, () => this.#shared.turn.random());
      if (probe !== undefined) return probe;
    }
    return this.#waiting.take();
  }

  /** One suspect at a time, after another message has shown that the connection is good (suspicion.ts). */
  #fillQuarantine(): void {
    const { nowMs } = this.#shared.turn;
    if (this.#suspects.isEmpty) return this.#pool.leaveQuarantine();
    const quarantine = this.#breaker.isOpen ? undefined : this.#pool.quarantine();
    if (quarantine === undefined || quarantine.window.size > 0 || this.#room() === undefined) return;
    const isGood = isProven(quarantine, nowMs);
    const other = isGood ? undefined : this.#waiting.takeUnsuspected();
    if (other !== undefined) {
      if (accepts(other, 'send')) this.#pass(other, quarantine);
    } else if (isGood || nowMs >= quarantine.openedAtMs + PROOF_WAIT_MS) {
      const suspect = this.#suspects.take();
      if (suspect === undefined) return;
      suspect.suspicion.onTrial = isGood;
      this.#pass(suspect, quarantine);
    }
  }

  /**
   * Where one more message may go. Each claim under way will take a place, so there are no more of them than places. An
   * answer that is not stored yet keeps its place too, or the death of this worker would repeat more than pending limit
   * × connections (guarantee 2).
   */
  #room(): Connection | undefined {
    const claiming = this.#deliveries.count('claiming');
    const atRisk = this.#deliveries.count('pending') + this.#deliveries.count('settling');
    if (claiming >= this.#places - atRisk || claiming >= this.#breaker.allows(this.#shared.turn.nowMs))
      return undefined;
    return this.#pool.emptiest(claiming);
  }

  #probeAt(atMs: number | undefined, note?: 'breakerOpen'): void {
    if (atMs === undefined) return;
    const { agenda, turn } = this.#shared;
    agenda.turnAt(atMs);
    if (note !== undefined) turn.note({ kind: note, waitMs: atMs - turn.nowMs });
  }

  /** There is room for it: send it, unless something speaks against that now. */
  #pass(delivery: Delivery, room: Connection): void {
    const { turn } = this.#shared;
    if (delivery.outcome !== undefined) return this.#deliveries.move(delivery, 'settle');
    if (this.#isOver(delivery)) return this.#expire(delivery);
    if (this.#delays.forSlowTarget(delivery)) return;
    if (needsClaim(delivery, turn.nowMs)) this.#deliveries.move(delivery, 'claim');
    else this.#send(room.purpose === 'quarantine' ? room : (this.#pool.sameAs(delivery) ?? room), delivery);
  }

  /** Its time is over, and it has not ended otherwise. */
  #isOver(delivery: Delivery): boolean {
    return delivery.outcome === undefined && this.#shared.turn.nowMs >= expiresAtMs(delivery);
  }

  #expire(delivery: Delivery): void {
    delivery.outcome = overdueOutcome(delivery, this.#shared.turn.nowMs);
    this.#deliveries.move(delivery, 'expire');
  }

  #send(connection: Connection, delivery: Delivery): void {
    const { turn } = this.#shared;
    const { messageId, message } = delivery;
    connection.window.admit(messageId, delivery);
    if (connection.isIdle) this.#pool.heard(connection); // from here on silence counts
    delivery.connection = connection.id;
    delivery.sentAtMs = turn.nowMs;
    delivery.attempts++;
    delivery.document.claim = UNCLAIMED;
    this.#deliveries.move(delivery, 'send');
    this.#probeAt(this.#breaker.sent(turn.nowMs, turn.random()));
    const ttlSeconds = secondsToLive(delivery, turn.nowMs);
    turn.emit({ kind: 'send', connection: connection.id, message, ttlSeconds });
    turn.note({ kind: 'sent', messageId, connection: connection.id, attempts: delivery.attempts });
  }
}
