/**
 * Things handed in one by one go out together: one RPC carries many. An item waits at most `lingerMs` for company, longer only
 * while every slot is busy; then whatever has gathered goes in the next free slot, so that groups grow with the load.
 * Items of one key never share a group and never overtake each other.
 */
export interface GroupOptions<T, R> {
  /** Performs the whole group; one result an item, in the order of the items. A rejection counts for all of them. */
  readonly perform: (items: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>;
  /** Items of the same key are performed one after the other. Absent: no order is kept. */
  readonly keyOf?: (item: T) => string;
  readonly bytesOf?: (item: T) => number;
  readonly maxItems: number;
  readonly maxBytes: number;
  /** Groups under way at the same time. */
  readonly maxInFlight: number;
  readonly lingerMs: number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly key: string | undefined;
  readonly bytes: number;
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
}

export class GroupCommit<T, R> {
  readonly #options: GroupOptions<T, R>;
  #queue: Waiting<T, R>[] = [];
  #queuedBytes = 0;
  /** Keys queued or under way, each with those that wait behind. */
  readonly #behind = new Map<string, Waiting<T, R>[]>();
  #inFlight = 0;
  #due = false;
  #timer: NodeJS.Timeout | undefined;
  /** Those who wait for the drain. */
  readonly #idle: (() => void)[] = [];

  constructor(options: GroupOptions<T, R>) {
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

  /** Resolves when nothing is queued or under way. */
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
    const { maxInFlight, maxItems, maxBytes, lingerMs } = this.#options;
    const draining = this.#idle.length > 0;
    while (this.#queue.length > 0 && this.#inFlight < maxInFlight) {
      if (!this.#due && !draining && this.#queue.length < maxItems && this.#queuedBytes < maxBytes) break;
      void this.#perform(this.#take());
    }
    if (this.#queue.length === 0) this.#rest();
    else if (!this.#due && !draining) this.#timer ??= setTimeout(() => this.#linger(), lingerMs);
  }

  /** Nobody waits: the next to come begins a linger time of its own. */
  #rest(): void {
    this.#due = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #linger(): void {
    this.#timer = undefined;
    this.#due = true;
    this.#pump();
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
        else waiting.reject(result?.reason ?? new Error('the group came back short'));
      });
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
    this.#inFlight -= 1;
    for (const { key } of group) this.#next(key);
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
