import { isIn, type DeliveryState } from '../delivery/delivery-table.ts';
import { type Delivery } from '../delivery/delivery.ts';
import { Lanes } from '../pacing/lanes.ts';
import { SendQueue, type Standing } from '../pacing/send-queue.ts';

/** At most this share of all that may be pending is suspects on the regular connections. */
const SUSPECT_SHARE = 0.1;
const FEWEST_SUSPECTS = 10;

/** Messages that are sent as soon as a connection has room, in the order in which they are. */
export class Waiting {
  readonly #queue = new SendQueue<Delivery>();
  /** Ahead of all others, while their claims are fresh. */
  readonly #claimed = new Lanes<Delivery>();
  /** Suspects on their way on the regular connections. */
  readonly #suspectsOut = new Set<Delivery>();
  readonly #mostSuspects: number;

  /** @param places how many messages may be pending over all connections */
  constructor(places: number) {
    this.#mostSuspects = Math.max(FEWEST_SUSPECTS, places * SUSPECT_SHARE);
  }

  /** How many have not been sent from here. */
  get fresh(): number {
    return this.#queue.fresh;
  }

  /** @param from the state that it comes from */
  add(delivery: Delivery, from: DeliveryState): void {
    this.#queue.push(standingOf(delivery, from), delivery.lane, delivery);
  }

  addClaimed(delivery: Delivery): void {
    this.#claimed.push(delivery.lane, delivery);
  }

  /** A suspect that was taken is back, or has been isolated: another may go out. */
  isBack(delivery: Delivery): void {
    this.#suspectsOut.delete(delivery);
  }

  take(): Delivery | undefined {
    const delivery = this.#claimed.take() ?? this.#queue.take(this.#maySuspect());
    if (delivery !== undefined && delivery.suspicion.losses > 0) this.#suspectsOut.add(delivery);
    return delivery;
  }

  takeUnsuspected(): Delivery | undefined {
    return this.#claimed.take() ?? this.#queue.take(false);
  }

  /** One that will do, a claimed one first. Linear. @param from see Lanes */
  takeWhere(accepts: (delivery: Delivery) => boolean, from: () => number): Delivery | undefined {
    return this.#claimed.takeFirst(accepts) ?? this.#queue.takeFirst(accepts, from());
  }

  /** Few at a time: one that ends its connection takes everything pending there with it. */
  #maySuspect(): boolean {
    if (this.#suspectsOut.size === 0) return true; // the usual case
    for (const delivery of this.#suspectsOut)
      if (!isIn(delivery, 'underWay') || delivery.suspicion.losses !== 1) this.#suspectsOut.delete(delivery);
    return this.#suspectsOut.size < this.#mostSuspects;
  }
}

const STANDING: Partial<Record<DeliveryState, Standing>> = {
  reading: 'fresh',
  claiming: 'resumed',
  resting: 'returned',
  pending: 'resumed',
};

const standingOf = ({ suspicion }: Delivery, from: DeliveryState): Standing =>
  suspicion.losses > 0 ? 'suspect' : (STANDING[from] ?? 'returned');
