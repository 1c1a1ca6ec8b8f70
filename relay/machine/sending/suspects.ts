import type { Delivery } from '../delivery/delivery.ts';
import { accepts, isIn } from '../delivery/delivery-table.ts';
import { isIsolated } from '../delivery/suspicion.ts';

/**
 * The share of a lane's hold that may wait to be sent alone. More goes back to Pub/Sub, or there would be no room for
 * fresh messages, and nothing to prove a connection with.
 */
const ISOLATED_SHARE = 0.2;

/** Messages waiting to be sent alone. */
export class Suspects {
  readonly #most: number;
  readonly #waiting: Delivery[] = [];
  /** The one whose turn it is, or was last. */
  #current: Delivery | undefined;

  /** @param holdLimit messages of one lane that are held at once */
  constructor(holdLimit: number) {
    this.#most = holdLimit * ISOLATED_SHARE;
  }

  add(delivery: Delivery): void {
    if (delivery !== this.#current) this.#waiting.push(delivery);
  }

  get isFull(): boolean {
    if (this.#waiting.length >= this.#most) this.#dropGone();
    return this.#waiting.length >= this.#most;
  }

  /** Nothing waits to be sent alone. */
  get isEmpty(): boolean {
    return !isUnderWay(this.#current) && !this.#waiting.some(isUnderWay);
  }

  /** The one whose turn it is; `undefined` while it is being claimed, or when none waits. */
  take(): Delivery | undefined {
    while (!isUnderWay(this.#current)) {
      const next = this.#waiting.shift();
      this.#current = next;
      if (next === undefined) return undefined;
    }
    const current = this.#current;
    return current !== undefined && accepts(current, 'send') ? current : undefined;
  }

  #dropGone(): void {
    this.#waiting.splice(0, Infinity, ...this.#waiting.filter(isUnderWay));
  }
}

/** Otherwise it has been sent, was acquitted, or is not here any more. */
const isUnderWay = (delivery: Delivery | undefined): boolean =>
  delivery !== undefined && isIsolated(delivery) && isIn(delivery, 'upNext');
