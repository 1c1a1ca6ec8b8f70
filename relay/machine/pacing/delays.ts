import { backoffMs } from '../turn/backoff.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { accepts } from '../delivery/delivery-table.ts';
import { FailingTargets } from './failing-targets.ts';
import type { HandBackReason } from '../turn/note.ts';
import type { Outcome } from '../../model/outcome.ts';
import { expiresAtMs, hasNews, waitAfter } from '../delivery/send-rules.ts';
import type { Shared } from '../turn/shared.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import { Throttle } from './throttle.ts';
import { CANCEL_WAIT_MS } from '../../model/timing.ts';

/**
 * The share of a lane's hold that may rest here, counting both lanes; more goes back to Pub/Sub. Normal messages leave
 * room for high ones, and a quarter of the hold is always left for fresh ones.
 */
const RESTING_SHARE = { normal: 0.5, high: 0.75 } as const;

interface WaitBounds {
  readonly leastMs?: number | undefined;
  readonly mostMs?: number;
}

/** Messages waiting to be sent or retried: for how long, and whether here or in Pub/Sub. */
export class Delays {
  readonly #shared: Shared;
  readonly #deliveries: Deliveries;
  readonly #throttle: Throttle;
  /** Targets that FCM answers "later". */
  readonly failing: FailingTargets;
  /** Why messages do not wait here any more, nor for a connection. */
  handingBack: 'stopping' | 'noConnection' | undefined;

  constructor(shared: Shared, deliveries: Deliveries) {
    this.#shared = shared;
    this.#deliveries = deliveries;
    this.#throttle = new Throttle(shared.config.slowdown);
    this.failing = new FailingTargets(shared.config.failing);
  }

  /** To be sent again after a wait within these bounds, which doubles with every attempt (protocol §4). */
  retry(delivery: Delivery, error: string, { leastMs = 0, mostMs = Infinity }: WaitBounds = {}): void {
    if (!accepts(delivery, 'rest')) return; // one that is returning comes back by itself
    const { config, turn } = this.#shared;
    delivery.lastError = error;
    const waitMs = backoffMs(waitAfter(error, config), delivery.attempts, turn.random());
    this.until(delivery, turn.nowMs + Math.min(Math.max(waitMs, leastMs), mostMs));
  }

  /**
   * FCM says of a first send that it has had the id before. Either another worker sent the same message a moment ago
   * (Pub/Sub repeats itself) and the document will show its outcome by the end of the wait, or the id was used outside
   * the relay and this is how the message ends.
   */
  dispute(delivery: Delivery, outcome: Outcome): void {
    if (!accepts(delivery, 'rest')) return; // see retry
    delivery.outcome = outcome;
    delivery.maybeTaken = true;
    delivery.disputed = true;
    delivery.document.doubt();
    this.until(delivery, this.#shared.turn.nowMs + CANCEL_WAIT_MS);
  }

  /** FCM wants less for this device or topic: everything to it waits. */
  slowDown(delivery: Delivery, error: string): void {
    const { turn } = this.#shared;
    const slowUntilMs = this.#throttle.strike(delivery.targetKey, turn.nowMs, turn.random());
    if (!accepts(delivery, 'rest')) return; // see retry
    delivery.lastError = error;
    this.#whileSlow(delivery, slowUntilMs);
  }

  /** A message whose target is slow or failing waits for that. Returns whether it does. */
  forSlowTarget(delivery: Delivery): boolean {
    const { targetKey } = delivery;
    const { nowMs } = this.#shared.turn;
    const slowUntilMs = this.#throttle.waitUntilMs(targetKey, nowMs) ?? this.failing.waitUntilMs(targetKey, nowMs);
    if (slowUntilMs !== undefined) this.#whileSlow(delivery, slowUntilMs);
    return slowUntilMs !== undefined;
  }

  /** @param untilMs milliseconds since 1970; the end of its time to live ends the wait earlier */
  until(delivery: Delivery, untilMs: number): void {
    const { config, turn, agenda } = this.#shared;
    const { messageId, attempts, lastError: error } = delivery;
    const endMs = Math.min(untilMs, expiresAtMs(delivery));
    const waitMs = endMs - turn.nowMs;
    this.#deliveries.move(delivery, 'rest');
    turn.note({ kind: 'resting', messageId, error, waitMs, attempts });
    if (this.handingBack !== undefined) this.handBack(delivery, this.handingBack);
    else if (waitMs > config.longestRestMs) this.handBack(delivery, 'longWait');
    else if (this.#deliveries.count('resting') > config.holdLimit * RESTING_SHARE[delivery.lane])
      this.handBack(delivery, 'fullOfWaiting');
    else agenda.at(endMs, () => this.#rested(delivery));
  }

  #rested(delivery: Delivery): void {
    this.#deliveries.offer(delivery, 'rested'); // it may have been handed back
  }

  handBack(delivery: Delivery, why: HandBackReason): void {
    this.#shared.turn.note({ kind: 'handedBack', messageId: delivery.messageId, why });
    // one that is pending has no `release`: it may even be answered while its news is written
    const isTold = accepts(delivery, 'release') && !hasNews(delivery);
    this.#deliveries.move(delivery, isTold ? 'release' : 'handBack');
  }

  prune(): void {
    this.#throttle.prune(this.#shared.turn.nowMs);
    this.failing.prune(this.#shared.turn.nowMs);
  }

  /** Messages of a slow target come back one by one, each a little later. */
  #whileSlow(delivery: Delivery, slowUntilMs: number): void {
    this.until(delivery, slowUntilMs + this.#shared.turn.random() * this.#shared.config.slowdown.firstMs);
  }
}
