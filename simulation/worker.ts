import type { RelayConfig } from '../relay/core/config.ts';
import type { Effect } from '../relay/core/effect.ts';
import type { Input } from '../relay/core/input.ts';
import { NOW_OR_NEVER_MS } from '../relay/core/send-rules.ts';
import type { Priority } from '../relay/protocol/message.ts';
import type { QueuedMessage } from '../relay/protocol/queued.ts';
import { Excuse } from './excuse.ts';
import type { FarEnds } from './far-ends.ts';
import type { WriteAnswer } from './firestore.ts';
import { Leases } from './leases.ts';
import { Line } from './line.ts';
import type { Machine, MakeMachine } from './machine.ts';
import type { Puller, QueueEntry } from './queue.ts';
import type { Surroundings } from './surroundings.ts';

const ANSWERS_WITHIN_MS = 5_000; // of a stop, as worker/compose.ts has it
const STOP_LIMIT_MS = 9_000; // worker/index.ts: then the process ends by force

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

/** A worker without I/O: the machine, its effects performed in virtual time, as worker/pump.ts does it. */
export class SimulatedWorker implements Puller {
  readonly number: number;
  readonly #around: Surroundings;
  readonly #far: FarEnds;
  readonly #machine: Machine;
  readonly #leases: Leases;
  readonly #lines = new Map<string, Line>();
  readonly #queued = new Map<string, QueuedMessage>();
  readonly #excuse = new Excuse();
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
    this.#excuse.reset();
    this.#feed({ kind: 'stop', withinMs: ANSWERS_WITHIN_MS });
    clock.after(STOP_LIMIT_MS, () => {
      if (!this.alive) return;
      const held = JSON.stringify(Object.entries(this.#machine.status().deliveries).filter(([, count]) => count > 0));
      journal.note({ kind: 'stopForced', worker: this.number, excused: this.#excuse.holds(clock.nowMs), held });
      this.#end();
    });
  }

  #end(): void {
    this.alive = false;
    this.#far.queue.leave(this);
    this.#leases.abandon();
    for (const line of this.#lines.values()) this.#leave(line, 'failed');
  }

  #leave(line: Line, how: 'orderly' | 'failed'): void {
    line.leave();
    this.#far.ccs.lose(line, how);
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
        return this.#send(effect);
      case 'read':
      case 'create':
      case 'write':
        return this.#store(effect);
      case 'announce':
      case 'publish':
        return this.#publish(effect);
      case 'ackLease':
        return this.#answered('leaseAcked', this.#leases.ack(effect.lease));
      case 'releaseLease':
        return this.#answered('leaseReturned', this.#leases.giveBack(effect.lease));
      case 'connect':
        return this.#connect(effect.connection);
      case 'ping':
      case 'close':
      case 'destroy':
        return this.#tell(effect);
      case 'wake':
        return this.#wakeAt(effect.atMs);
      case 'drained':
        return this.#drained();
      default:
        return effect satisfies never;
    }
  }

  #send({ connection, json, stanzaId }: Of<'send'>): void {
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    const { journal } = this.#around;
    const queued = this.#queued.get(stanzaId);
    if (queued === undefined) {
      const { message_id: id } = JSON.parse(json) as { message_id: string };
      journal.note({ kind: 'ackHanded', worker: this.number, line: line.name, id });
    } else {
      const { acceptedAtMs, message: { time_to_live: ttl } } = queued;
      const overdueMs = this.#nowMs - acceptedAtMs - (ttl === 0 ? NOW_OR_NEVER_MS : ttl * 1_000);
      journal.note({ kind: 'handed', worker: this.number, line: line.name, id: stanzaId, overdueMs });
    }
    line.up(() => this.#far.ccs.received(line, json));
  }

  #store(effect: Of<'read' | 'create' | 'write'>): void {
    const { messageId } = effect;
    const { firestore } = this.#far;
    const answer = (input: Input): void => {
      this.#excuse.answered(messageId, input.kind !== 'storeFailed', this.#around.clock.nowMs);
      this.#feed(input);
    };
    const failed = { kind: 'storeFailed', messageId } as const;
    const done = (written: WriteAnswer): void => {
      if (!written.ok) return answer(failed);
      answer(written.version === undefined ? { kind: 'conflicted', messageId } : { kind: 'written', messageId, version: written.version });
    };
    this.#excuse.asked(messageId, this.#around.clock.nowMs);
    if (effect.kind === 'create') firestore.create(this.number, messageId, effect.record, done);
    else if (effect.kind === 'write') firestore.update(this.number, messageId, effect, done);
    else firestore.read(this.number, messageId, (read) => answer(read.ok ? { kind: 'read', messageId, stored: read.stored } : failed));
  }

  #publish(effect: Of<'announce' | 'publish'>): void {
    const [id, events] = effect.kind === 'announce' ? [effect.messageId, effect.events] : [effect.key, [effect.event]];
    this.#excuse.asked(id, this.#around.clock.nowMs);
    this.#far.topics.publish(this.number, id, events, (ok) => {
      this.#excuse.answered(id, ok, this.#around.clock.nowMs);
      if (effect.kind === 'announce') this.#feed({ kind: ok ? 'announced' : 'announceFailed', messageId: id });
      else this.#feed({ kind: ok ? 'published' : 'publishFailed', key: id });
    });
  }

  #answered(kind: 'leaseAcked' | 'leaseReturned', id: string | undefined): void {
    if (id !== undefined) this.#around.journal.note({ kind, worker: this.number, id });
  }

  #connect(connection: string): void {
    const line = new Line(this.#around, `w${this.number}/${connection}`, {
      opened: () => this.#feed({ kind: 'opened', connection }),
      frame: (frame) => this.#feed({ kind: 'frame', connection, frame }),
      closed: (how) => {
        if (how === 'refusedCredentials') this.#around.journal.note({ kind: 'refused', worker: this.number, line: line.name });
        this.#feed({ kind: 'closed', connection, how, detail: 'simulated' });
      },
    });
    this.#lines.set(connection, line);
    this.#around.journal.note({ kind: 'connecting', worker: this.number, line: line.name });
    this.#far.ccs.connect(this.number, line);
  }

  #tell({ kind, connection }: Of<'ping' | 'close' | 'destroy'>): void {
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    if (kind === 'ping') return line.up(() => line.pong(() => this.#feed({ kind: 'heard', connection })));
    this.#leave(line, 'orderly');
    if (kind === 'close') this.#around.clock.after(1, () => this.#feed({ kind: 'closed', connection, how: 'orderly', detail: 'simulated' }));
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
