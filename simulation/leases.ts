import type { Priority } from '../relay/protocol/message.ts';
import type { Lease } from '../relay/core/input.ts';
import type { Queue, QueueEntry } from './queue.ts';

interface Held {
  readonly entry: QueueEntry;
  readonly delivery: number;
}

/** What a worker holds of the queue, up to a limit for each lane, as the pull adapter does it. */
export class Leases {
  readonly #queue: Queue;
  readonly #limit: number;
  readonly #held = new Map<Lease, Held>();
  /** Held and on their way here. */
  readonly #taken: Record<Priority, number> = { high: 0, normal: 0 };
  #last = 0;

  constructor(queue: Queue, limit: number) {
    this.#queue = queue;
    this.#limit = limit;
  }

  get size(): number {
    return this.#held.size;
  }

  hasRoom(lane: Priority): boolean {
    return this.#taken[lane] < this.#limit;
  }

  expect(lane: Priority): void {
    this.#taken[lane]++;
  }

  hold(entry: QueueEntry, delivery: number): Lease {
    this.#held.set(++this.#last, { entry, delivery });
    return this.#last;
  }

  /** The id of the message, if the lease was held. */
  ack(lease: Lease): string | undefined {
    return this.#end(lease, ({ entry }) => this.#queue.ack(entry));
  }

  giveBack(lease: Lease): string | undefined {
    return this.#end(lease, ({ entry, delivery }) => this.#queue.giveBack(entry, delivery));
  }

  /** The worker is gone. */
  abandon(): void {
    for (const { entry, delivery } of this.#held.values()) this.#queue.expire(entry, delivery);
    this.#held.clear();
  }

  #end(lease: Lease, how: (held: Held) => void): string | undefined {
    const held = this.#held.get(lease);
    if (held === undefined) return undefined;
    this.#held.delete(lease);
    this.#taken[held.entry.lane]--;
    how(held);
    this.#queue.hasRoom();
    return held.entry.queued.message.message_id;
  }
}
