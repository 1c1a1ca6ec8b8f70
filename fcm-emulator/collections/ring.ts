/** The last `capacity` items, oldest first. */
export class Ring<T> implements Iterable<T> {
  readonly #capacity: number;
  #items: T[] = [];
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(item: T): void {
    if (this.#capacity === 0) return;
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      return;
    }
    this.#items[this.#oldest] = item;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  clear(): void {
    this.#items = [];
    this.#oldest = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.#items.slice(this.#oldest);
    yield* this.#items.slice(0, this.#oldest);
  }
}
