import type { Delivery } from './delivery.ts';
import {
  accepts,
  DELIVERY_STATES,
  DELIVERY_TABLE,
  isIn,
  type DeliveryEventName,
  type DeliveryGroup,
  type DeliveryState,
} from './delivery-table.ts';
import type { Priority } from '../../protocol/legacy/message.ts';
import { step } from '../../model/table.ts';

/** Runs after the step from `from` on `event`. */
export type Entry = (delivery: Delivery, from: DeliveryState, event: DeliveryEventName) => void;

/** The deliveries in this worker. Only here does one change its state. */
export class Deliveries {
  readonly #deliveries = new Map<string, Delivery>();
  readonly #counts = Object.fromEntries(DELIVERY_STATES.map((state) => [state, 0])) as Record<DeliveryState, number>;
  readonly #begin: Readonly<Record<DeliveryState, Entry>>;

  /** @param begin what to do on entry to each state */
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

  /** Linear: to be asked every few seconds at most. */
  oldestAcceptedAtMs(lane: Priority): number | undefined {
    let oldest: number | undefined;
    for (const delivery of this.#deliveries.values()) {
      if (delivery.lane === lane) oldest = Math.min(oldest ?? Infinity, delivery.message.acceptedAtMs);
    }
    return oldest;
  }

  /** A snapshot: the caller may move the deliveries while it iterates. */
  in(group: DeliveryGroup): Delivery[] {
    return [...this.#deliveries.values()].filter((delivery) => isIn(delivery, group));
  }

  add(delivery: Delivery): void {
    this.#deliveries.set(delivery.messageId, delivery);
    this.#counts[delivery.state]++;
  }

  /**
   * A step that may come too late (an answer, a timer, a loss). Returns whether it was made: where the table has no
   * cell for it, nothing happens. To prepare the step, ask `accepts` first, then `move`.
   */
  offer(delivery: Delivery, event: DeliveryEventName): boolean {
    if (!accepts(delivery, event)) return false;
    this.move(delivery, event);
    return true;
  }

  /** A step of our own, which must be legal. @throws IllegalTransition */
  move(delivery: Delivery, event: DeliveryEventName): void {
    const from = delivery.state;
    delivery.state = step('delivery', DELIVERY_TABLE, from, event);
    this.#counts[from]--;
    if (delivery.state === 'gone') this.#deliveries.delete(delivery.messageId);
    else this.#counts[delivery.state]++;
    this.#begin[delivery.state](delivery, from, event);
  }
}
