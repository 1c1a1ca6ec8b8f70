import { accepts, isIn, type Delivery } from '../delivery/delivery.ts';
import { isIsolated } from '../delivery/suspicion.ts';

/** The messages that wait to be sent alone. */
export class Suspects {
  readonly #waiting: Delivery[] = [];
  /** The one whose turn it is, or was last. */
  #current: Delivery | undefined;

  add(delivery: Delivery): void {
    if (delivery !== this.#current) this.#waiting.push(delivery);
  }

  /** How many wait here, those that have gone meanwhile included. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Forgets those that have gone. */
  prune(): void {
    this.#waiting.splice(0, Infinity, ...this.#waiting.filter(isUnderWay));
  }

  /** Nothing waits to be sent alone. */
  get isEmpty(): boolean {
    return !isUnderWay(this.#current) && !this.#waiting.some(isUnderWay);
  }

  /** The one whose turn it is; `undefined` while it is being claimed, or when there is none. */
  take(): Delivery | undefined {
    while (!isUnderWay(this.#current)) {
      const next = this.#waiting.shift();
      this.#current = next;
      if (next === undefined) return undefined;
    }
    const current = this.#current;
    return current !== undefined && accepts(current, 'send') ? current : undefined;
  }
}

/** Else it has been sent, was acquitted, or is not here any more. */
const isUnderWay = (delivery: Delivery | undefined): boolean =>
  delivery !== undefined && isIsolated(delivery) && isIn(delivery, 'upNext');
