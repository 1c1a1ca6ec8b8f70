import type { RelayConfig } from '../relay/core/config.ts';
import type { Effect } from '../relay/core/effect.ts';
import type { Input } from '../relay/core/input.ts';
import type { Priority } from '../relay/protocol/message.ts';
import type { QueuedMessage } from '../relay/protocol/queued.ts';
import { Errands } from './errands.ts';
import type { FarEnds } from './far-ends.ts';
import { Leases } from './leases.ts';
import type { Machine, MakeMachine } from './machine.ts';
import type { Puller, QueueEntry } from './queue.ts';
import type { Surroundings } from './surroundings.ts';
import { WorkerLines } from './worker-lines.ts';

const ANSWERS_WITHIN_MS = 5_000; // of a stop, as worker/compose.ts has it
const STOP_LIMIT_MS = 9_000; // worker/index.ts: then the process ends by force

/** A worker without I/O: the machine, its effects performed in virtual time, as worker/pump.ts does it. */
export class SimulatedWorker implements Puller {
  readonly number: number;
  readonly #around: Surroundings;
  readonly #far: FarEnds;
  readonly #machine: Machine;
  readonly #leases: Leases;
  readonly #lines: WorkerLines;
  readonly #errands: Errands;
  readonly #queued = new Map<string, QueuedMessage>();
  readonly #skewMs: number;
  #wake = 0;
  #stoppingSinceMs: number | undefined;
  alive = true;

  constructor(number: number, around: Surroundings, far: FarEnds, config: RelayConfig, make: MakeMachine) {
    this.number = number;
    this.#around = around;
    this.#far = far;
    this.#machine = make(config, around.dice.next);
    this.#leases = new Leases(far.queue, config.holdLimit);
    const feed = (input: Input): void => this.#feed(input);
    this.#lines = new WorkerLines({ worker: number, around, ccs: far.ccs, feed, nowMs: () => this.#nowMs });
    this.#errands = new Errands(number, around, far, feed);
    this.#skewMs = Math.round(around.dice.between(-1, 1) * around.trouble.skewMs);
    around.journal.note({ kind: 'started', worker: number, skewMs: this.#skewMs });
    this.#feed({ kind: 'woke' });
    far.queue.join(this);
  }

  get stopping(): boolean {
    return this.#stoppingSinceMs !== undefined;
  }

  roomIn(lane: Priority): boolean {
    return this.alive && !this.stopping && this.#leases.hasRoom(lane);
  }

  expect(lane: Priority): void {
    this.#leases.expect(lane);
  }

  pulled(entry: QueueEntry, delivery: number): void {
    const { queued, lane, attempts } = entry;
    const id = queued.message.message_id;
    this.#queued.set(id, queued);
    this.#around.journal.note({ kind: 'pulled', worker: this.number, id, attempt: attempts });
    this.#feed({ kind: 'pulled', lease: this.#leases.hold(entry, delivery), lane, queued, deliveryAttempt: attempts });
    this.#noteHeld();
  }

  /** kill -9, or a machine that is gone. */
  kill(): void {
    if (!this.alive) return;
    this.#around.journal.note({ kind: 'killed', worker: this.number });
    this.#end();
  }

  /** SIGTERM. */
  stop(): void {
    if (!this.alive || this.stopping) return;
    const { clock, journal } = this.#around;
    this.#stoppingSinceMs = clock.nowMs;
    journal.note({ kind: 'stopAsked', worker: this.number });
    this.#errands.excuse.reset();
    this.#feed({ kind: 'stop', withinMs: ANSWERS_WITHIN_MS });
    clock.after(STOP_LIMIT_MS, () => {
      if (!this.alive) return;
      const held = JSON.stringify(Object.entries(this.#machine.status().deliveries).filter(([, count]) => count > 0));
      journal.note({ kind: 'stopForced', worker: this.number, excused: this.#errands.excuse.holds(clock.nowMs), held });
      this.#end();
    });
  }

  #end(): void {
    this.alive = false;
    this.#far.queue.leave(this);
    this.#leases.abandon();
    this.#lines.leaveAll();
  }

  #feed(input: Input): void {
    if (!this.alive) return;
    let effects: Effect[];
    try {
      effects = this.#machine.on(input, this.#nowMs);
    } catch (error) {
      this.#around.journal.note({ kind: 'crashed', worker: this.number, error: String(error) });
      return this.#end();
    }
    for (const effect of effects) this.#perform(effect);
  }

  get #nowMs(): number {
    return Math.floor(this.#around.clock.nowMs + this.#skewMs);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'note':
        return;
      case 'send':
        return this.#lines.send(effect, this.#queued.get(effect.stanzaId));
      case 'read':
      case 'create':
      case 'write':
        return this.#errands.store(effect);
      case 'announce':
      case 'publish':
        return this.#errands.publish(effect);
      case 'ackLease':
        return this.#answered('leaseAcked', this.#leases.ack(effect.lease));
      case 'releaseLease':
        return this.#answered('leaseReturned', this.#leases.giveBack(effect.lease));
      case 'connect':
        return this.#lines.connect(effect.connection);
      case 'ping':
      case 'close':
      case 'destroy':
        return this.#lines.tell(effect);
      case 'wake':
        return this.#wakeAt(effect.atMs);
      case 'drained':
        return this.#drained();
      default:
        return effect satisfies never;
    }
  }

  #answered(kind: 'leaseAcked' | 'leaseReturned', id: string | undefined): void {
    if (id !== undefined) this.#around.journal.note({ kind, worker: this.number, id });
  }

  /** One timer, set anew by each wake. */
  #wakeAt(atMs: number): void {
    const wake = ++this.#wake;
    this.#around.clock.after(atMs - this.#nowMs, () => {
      if (wake === this.#wake) this.#feed({ kind: 'woke' });
    });
  }

  #drained(): void {
    const { clock, journal } = this.#around;
    journal.note({ kind: 'stopped', worker: this.number, tookMs: Math.round(clock.nowMs - (this.#stoppingSinceMs ?? 0)) });
    this.#noteHeld();
    clock.after(0, () => this.#end()); // after the connections are closed
  }

  #noteHeld(): void {
    if (!this.alive) return;
    const { deliveries, connections, publishing } = this.#machine.status();
    const usable = connections.filter(({ state }) => state !== 'draining').length;
    const held = Object.values(deliveries).reduce((sum, count) => sum + count, 0);
    this.#around.journal.note({ kind: 'holds', worker: this.number, deliveries: held, leases: this.#leases.size, connections: usable, publishing });
  }
}
