/**
 * Collects items handed in one by one into batches: one RPC carries many. With nothing in flight, a batch is sent at
 * the end of the event-loop turn that brought its first item: a lone item is flushed at once. Otherwise items gather
 * until nothing is in flight, for at most `lingerMs`; a full batch waits only for a free slot. So batches grow with the
 * load. Items with the same key never share a batch and never overtake each other.
 */
export interface BatcherOptions<T, R> {
  /** Performs a whole batch; one result per item, in order. A rejection applies to every item. */
  readonly perform: (items: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>;
  /** Items with the same key are performed in order. Absent: no order. */
  readonly keyOf?: (item: T) => string;
  readonly bytesOf?: (item: T) => number;
  readonly maxItems: number;
  readonly maxBytes: number;
  /** Concurrent batches. */
  readonly maxInFlight: number;
  /** How long an item may wait behind slow batches. */
  readonly lingerMs: number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly key: string | undefined;
  readonly bytes: number;
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
}

export class Batcher<T, R> {
  readonly #options: BatcherOptions<T, R>;
  #queue: Waiting<T, R>[] = [];
  #queuedBytes = 0;
  /** Keys queued or in flight, each with the items waiting behind. */
  readonly #behind = new Map<string, Waiting<T, R>[]>();
  #inFlight = 0;
  #due = false;
  #takeBackWait: (() => void) | undefined;
  /** Resolvers of pending `drain` calls. */
  readonly #idle: (() => void)[] = [];

  constructor(options: BatcherOptions<T, R>) {
    this.#options = options;
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      const key = this.#options.keyOf?.(item);
      const waiting = { item, key, bytes: this.#options.bytesOf?.(item) ?? 0, resolve, reject };
      const behind = key === undefined ? undefined : this.#behind.get(key);
      if (behind !== undefined) {
        behind.push(waiting);
        return;
      }
      if (key !== undefined) this.#behind.set(key, []);
      this.#enqueue(waiting);
      this.#pump();
    });
  }

  /** Resolves when nothing is queued or in flight. */
  async drain(): Promise<void> {
    if (this.#queue.length === 0 && this.#inFlight === 0) return;
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#pump();
    await idle;
  }

  #enqueue(waiting: Waiting<T, R>): void {
    this.#queue.push(waiting);
    this.#queuedBytes += waiting.bytes;
  }

  #pump(): void {
    const { maxInFlight, maxItems, maxBytes } = this.#options;
    const draining = this.#idle.length > 0;
    while (this.#queue.length > 0 && this.#inFlight < maxInFlight) {
      if (!this.#due && !draining && this.#queue.length < maxItems && this.#queuedBytes < maxBytes) break;
      void this.#perform(this.#take());
    }
    if (this.#queue.length === 0) this.#rest();
    else if (!this.#due) this.#takeBackWait ??= this.#wait();
  }

  /** The queue is empty: the next item starts a wait of its own. */
  #rest(): void {
    this.#due = false;
    this.#takeBackWait?.();
    this.#takeBackWait = undefined;
  }

  #wait(): () => void {
    const over = (): void => {
      this.#due = true;
      this.#pump();
    };
    if (this.#inFlight === 0) {
      const turn = setImmediate(over);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(over, this.#options.lingerMs);
    return () => clearTimeout(timer);
  }

  #take(): Waiting<T, R>[] {
    const { maxItems, maxBytes } = this.#options;
    let count = 0;
    let bytes = 0;
    for (const waiting of this.#queue) {
      if (count >= maxItems || (count > 0 && bytes + waiting.bytes > maxBytes)) break;
      count += 1;
      bytes += waiting.bytes;
    }
    const group = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    this.#queuedBytes -= bytes;
    return group;
  }

  async #perform(group: readonly Waiting<T, R>[]): Promise<void> {
    this.#inFlight += 1;
    try {
      const results = await this.#options.perform(group.map(({ item }) => item));
      group.forEach((waiting, at) => {
        const result = results[at];
        if (result?.status === 'fulfilled') waiting.resolve(result.value);
        else waiting.reject(result?.reason ?? new Error('the batch returned too few results'));
      });
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
    this.#inFlight -= 1;
    for (const { key } of group) this.#next(key);
    if (this.#inFlight === 0) this.#due = true; // flushes what gathered meanwhile
    this.#pump();
    if (this.#queue.length === 0 && this.#inFlight === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #next(key: string | undefined): void {
    if (key === undefined) return;
    const next = this.#behind.get(key)?.shift();
    if (next === undefined) this.#behind.delete(key);
    else this.#enqueue(next);
  }
}
