import { DELIVERY_TABLE, type Delivery, type DeliveryEventName, type DeliveryState } from './delivery.ts';
import { step } from './table.ts';

/** After a step from `from` on `event`. */
export type Entry = (delivery: Delivery, from: DeliveryState, event: DeliveryEventName) => void;

/** The deliveries that are here, and the only place where one changes its state. */
export class Shelf {
  readonly #deliveries = new Map<string, Delivery>();
  readonly #counts = new Map<DeliveryState, number>();
  readonly #begin: Readonly<Record<DeliveryState, Entry>>;

  /** @param begin what each state begins with */
  constructor(begin: Readonly<Record<DeliveryState, Entry>>) {
    this.#begin = begin;
  }

  get size(): number {
    return this.#deliveries.size;
  }

  get(messageId: string): Delivery | undefined {
    return this.#deliveries.get(messageId);
  }

  count(state: DeliveryState): number {
    return this.#counts.get(state) ?? 0;
  }

  /** Those in one of these states, as they are now: the caller may move them. */
  in(states: ReadonlySet<DeliveryState>): Delivery[] {
    return [...this.#deliveries.values()].filter(({ state }) => states.has(state));
  }

  add(delivery: Delivery): void {
    this.#deliveries.set(delivery.messageId, delivery);
    this.#add(delivery.state, 1);
  }

  /** @throws IllegalTransition */
  move(delivery: Delivery, event: DeliveryEventName): void {
    const from = delivery.state;
    delivery.state = step('delivery', DELIVERY_TABLE, from, event);
    this.#add(from, -1);
    if (delivery.state === 'gone') this.#deliveries.delete(delivery.messageId);
    else this.#add(delivery.state, 1);
    this.#begin[delivery.state](delivery, from, event);
  }

  #add(state: DeliveryState, by: 1 | -1): void {
    this.#counts.set(state, this.count(state) + by);
  }
}
