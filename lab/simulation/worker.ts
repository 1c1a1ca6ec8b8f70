import { NOW_OR_NEVER_MS } from '../../relay/model/time-to-live.ts';
import type { RelayConfig } from '../../relay/machine/turn/config.ts';
import type { Effect } from '../../relay/machine/turn/effect.ts';
import type { Input } from '../../relay/machine/turn/input.ts';
import type { LinkReport, OnReport } from '../../relay/model/link.ts';
import type { Priority } from '../../relay/protocol/legacy/message.ts';
import type { QueuedMessage } from '../../relay/protocol/queue/queued.ts';
import type { Pump } from '../../worker/pump.ts';
import { SimulatedConnection } from './connection.ts';
import { FarEndDelays } from './far-end-delays.ts';
import type { FarEnds } from './far-ends.ts';
import { Leases } from './leases.ts';
import type { Line } from './line.ts';
import type { Machine, MakeMachine, MakePump } from './machine.ts';
import { Process } from './process.ts';
import type { Puller, QueueEntry } from './queue.ts';
import { SimulatedStore } from './store.ts';
import type { Environment } from './environment.ts';

const ANSWERS_WITHIN_MS = 5_000; // of a stop, as in worker/compose.ts
const STOP_LIMIT_MS = 9_000; // then the process is killed, as in worker/index.ts

export interface WorkerParts {
  readonly number: number;
  readonly env: Environment;
  readonly far: FarEnds;
  readonly config: RelayConfig;
  readonly make: MakeMachine;
  readonly makePump: MakePump;
}

/**
 * A worker process: the real machine and the real pump, composed as in worker/compose.ts, with simulated far ends and
 * virtual time.
 */
export class SimulatedWorker implements Puller {
  readonly number: number;
  readonly #env: Environment;
  readonly #far: FarEnds;
  readonly #process: Process;
  readonly #machine: Machine;
  readonly #pump: Pump;
  readonly #leases: Leases;
  readonly #farEndDelays = new FarEndDelays();
  readonly #connections: SimulatedConnection[] = [];
  readonly #queued = new Map<string, QueuedMessage>();
  readonly #skewMs: number;
  #stoppingSinceMs: number | undefined;
  #paused = false;

  constructor({ number, env, far, config, make, makePump }: WorkerParts) {
    this.number = number;
    this.#env = env;
    this.#far = far;
    this.#process = new Process(number, env.clock);
    this.#machine = make(config, env.dice.next);
    this.#leases = new Leases(far.queue, config.holdLimit, (kind, id) =>
      env.journal.note({ kind, worker: number, id }),
    );
    this.#skewMs = Math.round(env.dice.between(-1, 1) * env.faults.skewMs);
    const store = new SimulatedStore(this.#process, far.firestore);
    this.#pump = makePump({
      relay: { on: (inputs, nowMs) => this.#on(inputs, nowMs) },
      senderId: config.senderId,
      messages: store,
      registrations: store,
      events: far.topics.publisher(this.#process),
      deadLetter: () => Promise.resolve(),
      pulls: { pause: () => (this.#paused = true), resume: () => this.#resumePulls() },
      connect: (report) => this.#connect(report),
      observe: () => undefined,
      now: () => this.#nowMs,
      soon: (act) => void this.#process.after(env.dice.between(0, env.faults.turnMs), act),
      wakeAfter: (delayMs, act) => this.#process.after(delayMs, act),
      onDefect: (error) => this.#crash(error),
    });
    env.journal.note({ kind: 'started', worker: number, skewMs: this.#skewMs });
    this.#pump.start();
    far.queue.join(this);
  }

  get alive(): boolean {
    return this.#process.alive;
  }

  get stopping(): boolean {
    return this.#stoppingSinceMs !== undefined;
  }

  roomIn(lane: Priority): boolean {
    return this.alive && !this.stopping && !this.#paused && this.#leases.hasRoom(lane);
  }

  expect(lane: Priority): void {
    this.#leases.expect(lane);
  }

  pulled(entry: QueueEntry, delivery: number): void {
    const { queued, lane, attempts } = entry;
    const id = queued.message.message_id;
    this.#queued.set(id, queued);
    this.#env.journal.note({ kind: 'pulled', worker: this.number, id, attempt: attempts });
    this.#noteHeld();
    this.#pump.pulled(this.#leases.hold(entry, delivery), lane, queued);
  }

  /** kill -9, or a lost machine. */
  kill(): void {
    if (!this.alive) return;
    this.#env.journal.note({ kind: 'killed', worker: this.number });
    this.#end();
  }

  /** SIGTERM. */
  stop(): void {
    if (!this.alive || this.stopping) return;
    const { clock, journal } = this.#env;
    const sinceMs = clock.nowMs;
    this.#stoppingSinceMs = sinceMs;
    journal.note({ kind: 'stopAsked', worker: this.number });
    this.#farEndDelays.reset();
    void this.#pump.stop(ANSWERS_WITHIN_MS).then(() => this.#stopped(Math.round(clock.nowMs - sinceMs)));
    this.#process.after(STOP_LIMIT_MS, () => {
      const held = JSON.stringify(Object.entries(this.#machine.status().deliveries).filter(([, count]) => count > 0));
      journal.note({
        kind: 'stopForced',
        worker: this.number,
        byFarEnd: this.#farEndDelays.explain(clock.nowMs),
        held,
      });
      this.#end();
    });
  }

  #stopped(tookMs: number): void {
    if (!this.alive) return;
    this.#env.journal.note({ kind: 'stopped', worker: this.number, tookMs });
    this.#noteHeld();
    this.#end();
  }

  #crash(error: unknown): void {
    this.#env.journal.note({ kind: 'crashed', worker: this.number, error: String(error) });
    this.#end();
  }

  #end(): void {
    this.#process.alive = false;
    this.#far.queue.leave(this);
    this.#leases.expireAll();
    for (const connection of this.#connections) connection.destroy();
  }

  #resumePulls(): void {
    this.#paused = false;
    this.#far.queue.hasRoom();
  }

  /** The machine, with its inputs and effects observed. */
  #on(inputs: readonly Input[], nowMs: number): Effect[] {
    const { clock, journal } = this.#env;
    for (const input of inputs) this.#farEndDelays.heard(input, clock.nowMs);
    if (new Set(inputs.map(kindOf)).size > 1) journal.note({ kind: 'mixedTurn', worker: this.number });
    const effects = this.#machine.on(inputs, nowMs);
    for (const effect of effects) {
      this.#farEndDelays.asked(effect, clock.nowMs);
      if (effect.kind === 'drained') clock.settled(); // the pump's stop awaits it
    }
    return effects;
  }

  get #nowMs(): number {
    return Math.floor(this.#env.clock.nowMs + this.#skewMs);
  }

  #connect(report: OnReport): SimulatedConnection {
    const connection = new SimulatedConnection({
      name: `w${this.number}/c${this.#connections.length + 1}`,
      process: this.#process,
      env: this.#env,
      ccs: this.#far.ccs,
      report,
      handed: (line, id) => this.#noteHanded(line, id),
      acked: (line, id) => this.#env.journal.note({ kind: 'ackHanded', worker: this.number, line: line.name, id }),
    });
    this.#connections.push(connection);
    return connection;
  }

  #noteHanded(line: Line, id: string): void {
    const queued = this.#queued.get(id);
    if (queued === undefined) return;
    const {
      acceptedAtMs,
      message: { time_to_live: ttl },
    } = queued;
    const overdueMs = this.#nowMs - acceptedAtMs - (ttl === 0 ? NOW_OR_NEVER_MS : ttl * 1_000);
    this.#env.journal.note({ kind: 'handed', worker: this.number, line: line.name, id, overdueMs });
  }

  #noteHeld(): void {
    if (!this.alive) return;
    const { deliveries, connections, publishing } = this.#machine.status();
    const usable = connections.filter(({ state, purpose }) => state !== 'draining' && purpose === 'regular').length;
    const held = Object.values(deliveries).reduce((sum, count) => sum + count, 0);
    this.#env.journal.note({
      kind: 'holds',
      worker: this.number,
      deliveries: held,
      leases: this.#leases.size,
      connections: usable,
      publishing,
    });
  }
}

/** For `mixedTurn`: whatever FCM says counts as one kind. */
function kindOf(input: Input): string {
  if (input.kind !== 'link') return input.kind;
  const { kind } = input.report;
  return OF_THE_LINK.has(kind) ? kind : kind === 'credentialsRefused' ? 'closed' : 'said';
}

const OF_THE_LINK: ReadonlySet<LinkReport['kind']> = new Set(['opened', 'heard', 'closed']);
