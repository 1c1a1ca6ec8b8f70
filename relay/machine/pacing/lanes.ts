import type { Priority } from '../../protocol/legacy/message.ts';

/** A first-in, first-out queue with cheap ends (an array's shift() is linear): two stacks, the second reversed. */
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
    this.#refill();
    return this.#outgoing.pop();
  }

  /** The first that will do, from position `from` on, then from the front. Linear. */
  shiftFirst(accepts: (item: Item) => boolean, from: number): Item | undefined {
    const all = [...this.#outgoing.reverse(), ...this.#incoming];
    this.#outgoing = [];
    this.#incoming = all;
    const later = all.findIndex((item, at) => at >= from && accepts(item));
    const at = later < 0 ? all.findIndex(accepts) : later;
    return at < 0 ? undefined : all.splice(at, 1)[0];
  }

  #refill(): void {
    if (this.#outgoing.length > 0 || this.#incoming.length === 0) return;
    [this.#incoming, this.#outgoing] = [this.#outgoing, this.#incoming.reverse()];
  }
}

/** While both lanes have messages, one in this many that are taken is a normal one, so that normal never starves. */
export const NORMAL_SHARE = 5;

/** The two priorities of waiting messages. */
export class Lanes<Item> {
  readonly #lanes: Readonly<Record<Priority, Fifo<Item>>> = { high: new Fifo(), normal: new Fifo() };
  #sinceNormal = 0;

  get size(): number {
    return this.#lanes.high.size + this.#lanes.normal.size;
  }

  push(priority: Priority, item: Item): void {
    this.#lanes[priority].push(item);
  }

  take(): Item | undefined {
    const { high, normal } = this.#lanes;
    if (high.size === 0 && normal.size === 0) return undefined; // the usual case in most queues
    const normalsTurn = high.size === 0 || this.#sinceNormal >= NORMAL_SHARE - 1;
    this.#sinceNormal = normalsTurn || normal.size === 0 ? 0 : this.#sinceNormal + 1;
    return (normalsTurn ? normal : high).shift();
  }

  /**
   * The first of the high lane that will do, else of the normal one. Linear: for a single pick.
   * @param from where to begin, as a share of both lanes, 0 ≤ from < 1
   */
  takeFirst(accepts: (item: Item) => boolean, from = 0): Item | undefined {
    const { high, normal } = this.#lanes;
    const at = Math.floor(from * this.size);
    if (at < high.size) return high.shiftFirst(accepts, at) ?? normal.shiftFirst(accepts, 0);
    return normal.shiftFirst(accepts, at - high.size) ?? high.shiftFirst(accepts, 0);
  }
}
