import type { Priority } from '../protocol/message.ts';

/** A first-in, first-out queue with cheap ends (an array's shift() is linear): what came in is turned round when all that was turned before is out. */
class Fifo<Item> {
  #incoming: Item[] = [];
  #outgoing: Item[] = [];

  get size(): number {
    return this.#incoming.length + this.#outgoing.length;
  }

  push(item: Item): void {
    this.#incoming.push(item);
  }

  shift(): Item | undefined {
    if (this.#outgoing.length === 0) [this.#incoming, this.#outgoing] = [this.#outgoing, this.#incoming.reverse()];
    return this.#outgoing.pop();
  }
}

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
    const normalsTurn = high.size === 0 || this.#sinceNormal >= NORMAL_SHARE - 1; // then there are normal ones, or none at all
    this.#sinceNormal = normalsTurn || normal.size === 0 ? 0 : this.#sinceNormal + 1;
    return (normalsTurn ? normal : high).shift();
  }
}
