/**
 * The pending window of one connection (protocol §5): what was sent and is not answered yet, oldest first. Nothing is
 * admitted at `limit` or above it; settling what is not there is a no-op, since answers come late and twice.
 */
export class Window<Item> {
  /** May change while messages are pending. Lowered below `size`, it lets nothing new in until enough are settled. */
  limit: number;
  readonly #items = new Map<string, Item>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#items.size;
  }

  get free(): number {
    return Math.max(0, this.limit - this.#items.size);
  }

  get isFull(): boolean {
    return this.#items.size >= this.limit;
  }

  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  /** @throws Error when the window is full or holds the id: the caller must have asked. */
  admit(id: string, item: Item): void {
    if (this.isFull) throw new Error(`window: ${this.limit} are pending, no more may be sent`);
    if (this.#items.has(id)) throw new Error('window: this id is pending already');
    this.#items.set(id, item);
  }

  /** Frees its place. `undefined` when the id is not pending. */
  settle(id: string): Item | undefined {
    const item = this.#items.get(id);
    this.#items.delete(id);
    return item;
  }

  /** The items in the order they were sent. */
  values(): IterableIterator<Item> {
    return this.#items.values();
  }

  /** Frees every place and returns what was in it, oldest first. */
  clear(): Item[] {
    const items = [...this.#items.values()];
    this.#items.clear();
    return items;
  }
}
