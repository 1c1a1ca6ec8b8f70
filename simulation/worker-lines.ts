import type { Effect } from '../relay/core/effect.ts';
import type { Input } from '../relay/core/input.ts';
import { NOW_OR_NEVER_MS } from '../relay/core/send-rules.ts';
import type { QueuedMessage } from '../relay/protocol/queued.ts';
import type { Actor } from './fact.ts';
import type { SimulatedCcs } from './ccs.ts';
import { Line } from './line.ts';
import type { Surroundings } from './surroundings.ts';

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

export interface LinesParts {
  readonly worker: Actor;
  readonly around: Surroundings;
  readonly ccs: SimulatedCcs;
  readonly feed: (input: Input) => void;
  /** The worker's own clock. */
  readonly nowMs: () => number;
}

/** The connections of one worker. */
export class WorkerLines {
  readonly #worker: Actor;
  readonly #around: Surroundings;
  readonly #ccs: SimulatedCcs;
  readonly #feed: (input: Input) => void;
  readonly #nowMs: () => number;
  readonly #lines = new Map<string, Line>();

  constructor({ worker, around, ccs, feed, nowMs }: LinesParts) {
    this.#worker = worker;
    this.#around = around;
    this.#ccs = ccs;
    this.#feed = feed;
    this.#nowMs = nowMs;
  }

  /** The worker is gone. */
  leaveAll(): void {
    for (const line of this.#lines.values()) this.#leave(line, 'failed');
  }

  /** @param queued the message, where it is one: an ack is not */
  send({ connection, json, stanzaId }: Of<'send'>, queued: QueuedMessage | undefined): void {
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    const { journal } = this.#around;
    if (queued === undefined) {
      const { message_id: id } = JSON.parse(json) as { message_id: string };
      journal.note({ kind: 'ackHanded', worker: this.#worker, line: line.name, id });
    } else {
      const { acceptedAtMs, message: { time_to_live: ttl } } = queued;
      const overdueMs = this.#nowMs() - acceptedAtMs - (ttl === 0 ? NOW_OR_NEVER_MS : ttl * 1_000);
      journal.note({ kind: 'handed', worker: this.#worker, line: line.name, id: stanzaId, overdueMs });
    }
    line.up(() => this.#ccs.received(line, json));
  }

  connect(connection: string): void {
    const line = new Line(this.#around, `w${this.#worker}/${connection}`, {
      opened: () => this.#feed({ kind: 'opened', connection }),
      frame: (frame) => this.#feed({ kind: 'frame', connection, frame }),
      closed: (how) => {
        if (how === 'refusedCredentials') this.#around.journal.note({ kind: 'refused', worker: this.#worker, line: line.name });
        this.#feed({ kind: 'closed', connection, how, detail: 'simulated' });
      },
    });
    this.#lines.set(connection, line);
    this.#around.journal.note({ kind: 'connecting', worker: this.#worker, line: line.name });
    this.#ccs.connect(this.#worker, line);
  }

  tell({ kind, connection }: Of<'ping' | 'close' | 'destroy'>): void {
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    if (kind === 'ping') return line.up(() => line.pong(() => this.#feed({ kind: 'heard', connection })));
    this.#leave(line, 'orderly');
    if (kind === 'close') this.#around.clock.after(1, () => this.#feed({ kind: 'closed', connection, how: 'orderly', detail: 'simulated' }));
  }

  #leave(line: Line, how: 'orderly' | 'failed'): void {
    line.leave();
    this.#ccs.lose(line, how);
  }
}
