interface Entry<Item> {
  readonly dueMs: number;
  readonly order: number;
  readonly item: Item;
}

/** A binary heap of items by due time: earliest first, in order of arrival where times are equal. */
export class Schedule<Item> {
  readonly #heap: Entry<Item>[] = [];
  #order = 0;

  /** When the earliest item is due; `undefined` when there is none. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.dueMs;
  }

  add(dueMs: number, item: Item): void {
    const heap = this.#heap;
    const entry = { dueMs, order: this.#order++, item };
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** The earliest item if it is due at `nowMs`. */
  takeDue(nowMs: number): Item | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first.item;
  }

  #sink(entry: Entry<Item>): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const child = earlierChild(heap, at);
      const below = heap[child];
      if (below === undefined || isBefore(entry, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = entry;
  }
}

const isBefore = <T>(a: Entry<T>, b: Entry<T>): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

function earlierChild<T>(heap: readonly Entry<T>[], at: number): number {
  const left = 2 * at + 1;
  const [a, b] = [heap[left], heap[left + 1]];
  return a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
}
