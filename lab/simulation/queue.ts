import type { Priority } from '../../relay/protocol/legacy/message.ts';
import type { QueuedMessage } from '../../relay/protocol/queue/queued.ts';
import type { Environment } from './environment.ts';

export interface QueueEntry {
  readonly queued: QueuedMessage;
  readonly lane: Priority;
  attempts: number;
  acked: boolean;
  /** The current delivery. Answers to an older one count only if they ack. */
  delivery: number;
  leased: boolean;
}

/** A worker that pulls. */
export interface Puller {
  roomIn(lane: Priority): boolean;
  /** One is on its way: its place is taken. */
  expect(lane: Priority): void;
  pulled(entry: QueueEntry, delivery: number): void;
}

const RETRY_MS = { first: 10_000, most: 600_000 }; // the retry policy that ops/provision sets
export const LEASE_MS = 30_000;
const LANES: readonly Priority[] = ['high', 'normal'];

/** Pub/Sub's two lanes: leases that end, a retry policy, occasional repeats. */
export class Queue {
  readonly #env: Environment;
  readonly #ready: Readonly<Record<Priority, QueueEntry[]>> = { high: [], normal: [] };
  readonly #leased = new Set<QueueEntry>();
  readonly #pullers = new Set<Puller>();
  #open = 0;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Un-acked entries. */
  get size(): number {
    return this.#open;
  }

  add(queued: QueuedMessage): void {
    const entry: QueueEntry = {
      queued,
      lane: queued.message.priority,
      attempts: 0,
      acked: false,
      delivery: 0,
      leased: false,
    };
    this.#open++;
    this.#arrive(entry);
  }

  join(puller: Puller): void {
    this.#pullers.add(puller);
    this.hasRoom();
  }

  leave(puller: Puller): void {
    this.#pullers.delete(puller);
  }

  /** A puller has room again. */
  hasRoom(): void {
    for (const lane of LANES) this.#hand(lane);
  }

  ack(entry: QueueEntry): void {
    const { dice, faults, journal } = this.#env;
    if (entry.acked) return;
    if (dice.chance(faults.ackLost)) {
      journal.note({ kind: 'ackLost', id: entry.queued.message.message_id });
      return this.expire(entry, entry.delivery);
    }
    entry.acked = true;
    this.#open--;
    this.#leased.delete(entry);
  }

  handBack(entry: QueueEntry, delivery: number): void {
    const delayMs = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(entry.attempts - 1, 6));
    this.#returnAfter(entry, delivery, delayMs);
  }

  /** Its worker is gone: the rest of the lease runs out. */
  expire(entry: QueueEntry, delivery: number): void {
    this.#returnAfter(entry, delivery, this.#env.dice.between(0, LEASE_MS));
  }

  /** A lease ends while its message is held: its extensions were lost, or Pub/Sub repeats itself. */
  endSomeLease(): void {
    if (this.#leased.size === 0) return;
    const entry = this.#env.dice.pick([...this.#leased]);
    this.#env.journal.note({ kind: 'leaseEnded', id: entry.queued.message.message_id });
    this.#returnAfter(entry, entry.delivery, 0);
  }

  #returnAfter(entry: QueueEntry, delivery: number, delayMs: number): void {
    this.#env.clock.after(delayMs, () => {
      if (entry.acked || !entry.leased || entry.delivery !== delivery) return;
      entry.leased = false;
      this.#leased.delete(entry);
      this.#arrive(entry);
    });
  }

  #arrive(entry: QueueEntry): void {
    this.#ready[entry.lane].push(entry);
    this.#hand(entry.lane);
  }

  #hand(lane: Priority): void {
    const ready = this.#ready[lane];
    const { clock, dice } = this.#env;
    while (ready.length > 0) {
      const willing = [...this.#pullers].filter((puller) => puller.roomIn(lane));
      if (willing.length === 0) return;
      const entry = ready.shift();
      if (entry === undefined || entry.acked) continue;
      entry.attempts++;
      entry.leased = true;
      this.#leased.add(entry);
      const delivery = ++entry.delivery;
      const puller = dice.pick(willing);
      puller.expect(lane);
      clock.after(dice.between(1, 20), () => this.#deliver(puller, entry, delivery));
    }
  }

  #deliver(puller: Puller, entry: QueueEntry, delivery: number): void {
    if (this.#pullers.has(puller)) puller.pulled(entry, delivery);
    else this.expire(entry, delivery); // it has gone meanwhile
  }
}
