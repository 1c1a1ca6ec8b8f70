import type { Priority } from '../../relay/protocol/legacy/message.ts';
import type { Leased } from '../../worker/pump.ts';
import type { Queue, QueueEntry } from './queue.ts';

type LeaseEnd = 'leaseAcked' | 'leaseReturned';

/** What a worker holds of the queue, up to a limit for each lane, as with the pull adapter. */
export class Leases {
  readonly #queue: Queue;
  readonly #limit: number;
  readonly #answered: (answer: LeaseEnd, id: string) => void;
  readonly #held = new Set<Held>();
  /** Held and on their way here. */
  readonly #taken: Record<Priority, number> = { high: 0, normal: 0 };

  constructor(queue: Queue, limit: number, answered: (answer: LeaseEnd, id: string) => void) {
    this.#queue = queue;
    this.#limit = limit;
    this.#answered = answered;
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

  /** A second answer to the same lease does nothing. */
  hold(entry: QueueEntry, delivery: number): Leased {
    const held = { entry, delivery };
    this.#held.add(held);
    return {
      data: Buffer.alloc(0),
      attributes: {}, // the pump does not look at payloads
      deliveryAttempt: entry.attempts,
      ack: () => this.#end(held, 'leaseAcked', () => this.#queue.ack(entry)),
      nack: () => this.#end(held, 'leaseReturned', () => this.#queue.handBack(entry, delivery)),
    };
  }

  /** The worker is gone: its leases run out. */
  expireAll(): void {
    for (const { entry, delivery } of this.#held) this.#queue.expire(entry, delivery);
    this.#held.clear();
  }

  #end(held: Held, answer: LeaseEnd, tell: () => void): void {
    if (!this.#held.delete(held)) return;
    const {
      lane,
      queued: { message },
    } = held.entry;
    this.#taken[lane]--;
    tell();
    this.#queue.hasRoom();
    this.#answered(answer, message.message_id);
  }
}

interface Held {
  readonly entry: QueueEntry;
  readonly delivery: number;
}
