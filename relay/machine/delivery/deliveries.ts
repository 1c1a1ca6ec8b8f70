import {
  DELIVERY_STATES,
  DELIVERY_TABLE,
  type Delivery,
  type DeliveryEventName,
  type DeliveryState,
} from './delivery.ts';
import type { Priority } from '../../protocol/legacy/message.ts';
import { step } from '../../model/table.ts';

/** After a step from `from` on `event`. */
export type Entry = (delivery: Delivery, from: DeliveryState, event: DeliveryEventName) => void;

/** The deliveries that are here, and the only place where one changes its state. */
export class Deliveries {
  readonly #deliveries = new Map<string, Delivery>();
  readonly #counts = Object.fromEntries(DELIVERY_STATES.map((state) => [state, 0])) as Record<DeliveryState, number>;
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
    return this.#counts[state];
  }

  /** Looks at all of them: for who asks every few seconds. */
  oldestAcceptedAtMs(lane: Priority): number | undefined {
    let oldest: number | undefined;
    for (const delivery of this.#deliveries.values()) {
      if (delivery.lane === lane) oldest = Math.min(oldest ?? Infinity, delivery.message.acceptedAtMs);
    }
    return oldest;
  }

  /** Those in one of these states, as they are now: the caller may move them. */
  in(states: ReadonlySet<DeliveryState>): Delivery[] {
    return [...this.#deliveries.values()].filter(({ state }) => states.has(state));
  }

  add(delivery: Delivery): void {
    this.#deliveries.set(delivery.messageId, delivery);
    this.#counts[delivery.state]++;
  }

  /** @throws IllegalTransition */
  move(delivery: Delivery, event: DeliveryEventName): void {
    const from = delivery.state;
    delivery.state = step('delivery', DELIVERY_TABLE, from, event);
    this.#counts[from]--;
    if (delivery.state === 'gone') this.#deliveries.delete(delivery.messageId);
    else this.#counts[delivery.state]++;
    this.#begin[delivery.state](delivery, from, event);
  }
}
