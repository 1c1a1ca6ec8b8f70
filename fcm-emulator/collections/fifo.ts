/** A queue whose ends cost the same however long it is. */
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
      this.#items = this.#items.slice(this.#head); // the dead half goes
      this.#head = 0;
    }
    return item;
  }
}
