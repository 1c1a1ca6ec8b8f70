/** A queue with constant-time `add` and `take`, whatever its length. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head < this.#items.length) this.#head += 1;
    if (this.#head === this.#items.length || (this.#head > 1_024 && this.#head * 2 > this.#items.length)) {
      this.#items = this.#items.slice(this.#head); // drop what was taken
      this.#head = 0;
    }
    return item;
  }
}
