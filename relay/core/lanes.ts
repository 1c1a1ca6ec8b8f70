import type { Priority } from '../protocol/message.ts';

/** A first-in, first-out queue with cheap ends: two stacks would reorder, an array's shift() is linear. */
class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined; // nothing taken stays reachable
    if (this.#head > COMPACT_AT && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

const COMPACT_AT = 1_024;

class Lane<Item> {
  readonly returned = new Fifo<Item>();
  readonly fresh = new Fifo<Item>();

  get size(): number {
    return this.returned.size + this.fresh.size;
  }

  shift(): Item | undefined {
    return this.returned.shift() ?? this.fresh.shift();
  }
}

/** While both lanes have messages, one in so many that are taken is a normal one: high first, normal never starved. */
export const NORMAL_SHARE = 5;

/** The two priorities of waiting messages. */
export class Lanes<Item> {
  readonly #lanes: Readonly<Record<Priority, Lane<Item>>> = { high: new Lane(), normal: new Lane() };
  #sinceNormal = 0;

  push(priority: Priority, item: Item): void {
    this.#lanes[priority].fresh.push(item);
  }

  /** Ahead of those that were pushed, behind those that were put back before it: for what was on its way already. */
  putBack(priority: Priority, item: Item): void {
    this.#lanes[priority].returned.push(item);
  }

  take(): Item | undefined {
    const { high, normal } = this.#lanes;
    const normalsTurn = normal.size > 0 && (high.size === 0 || this.#sinceNormal >= NORMAL_SHARE - 1);
    this.#sinceNormal = normalsTurn || normal.size === 0 ? 0 : this.#sinceNormal + 1;
    return (normalsTurn ? normal : high).shift();
  }
}
