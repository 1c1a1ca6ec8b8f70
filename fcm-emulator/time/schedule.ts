import type { Clock } from './clock.ts';

interface Entry {
  readonly due: number;
  readonly order: number;
  call: (() => void) | undefined;
}

const before = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

/** Tens of thousands of delays on one timer: a heap by due time, first in first out among equals. */
export class Schedule {
  readonly #clock: Clock;
  readonly #heap: Entry[] = [];
  #order = 0;
  #armedFor = Infinity;
  #disarm: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  after(delayMs: number, call: () => void): () => void {
    const entry: Entry = { due: this.#clock.now() + delayMs, order: (this.#order += 1), call };
    this.#push(entry);
    this.#arm();
    return () => {
      entry.call = undefined; // the entry leaves the heap when due
    };
  }

  close(): void {
    this.#heap.length = 0;
    this.#disarm();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.due >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = first.due;
    this.#disarm = this.#clock.after(Math.max(0, first.due - this.#clock.now()), () => this.#run());
  }

  #run(): void {
    this.#armedFor = Infinity;
    const now = this.#clock.now();
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      this.#pop();
      first.call?.();
    }
    this.#arm();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || before(parent, entry)) break;
      heap[at] = parent;
      heap[up] = entry;
      at = up;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = heap[at * 2 + 1];
      const right = heap[at * 2 + 2];
      if (left === undefined) break;
      const down = right !== undefined && before(right, left) ? at * 2 + 2 : at * 2 + 1;
      const child = down === at * 2 + 1 ? left : right;
      if (child === undefined || before(last, child)) break;
      heap[at] = child;
      heap[down] = last;
      at = down;
    }
  }
}
