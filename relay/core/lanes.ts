import type { Priority } from '../protocol/message.ts';

/** A first-in, first-out queue with cheap ends: two stacks would reorder, an array's shift() is linear. */
class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;
  #returned: Item[] = [];

  get size(): number {
    return this.#items.length - this.#head + this.#returned.length;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Ahead of everything else. */
  unshift(item: Item): void {
    this.#returned.push(item);
  }

  shift(): Item | undefined {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
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

/** While both lanes have messages, one in so many that are taken is a normal one: high first, normal never starved. */
export const NORMAL_SHARE = 5;

/** The two priorities of waiting messages. */
export class Lanes<Item> {
  readonly #lanes: Readonly<Record<Priority, Fifo<Item>>> = { high: new Fifo(), normal: new Fifo() };
  #sinceNormal = 0;

  get size(): number {
    return this.#lanes.high.size + this.#lanes.normal.size;
  }

  push(lane: Priority, item: Item): void {
    this.#lanes[lane].push(item);
  }

  /** Ahead of all others of its lane: for what was on its way already. */
  unshift(lane: Priority, item: Item): void {
    this.#lanes[lane].unshift(item);
  }

  take(): Item | undefined {
    const { high, normal } = this.#lanes;
    const normalsTurn = normal.size > 0 && (high.size === 0 || this.#sinceNormal >= NORMAL_SHARE - 1);
    this.#sinceNormal = normalsTurn || normal.size === 0 ? 0 : this.#sinceNormal + 1;
    return (normalsTurn ? normal : high).shift();
  }
}
