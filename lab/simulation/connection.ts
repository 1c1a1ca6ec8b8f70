import { hears, leaves, nextPhase, speaks, type Phase, type PhaseEvent } from '../../relay/adapters/xmpp/phase.ts';
import type { ConnectionEnd } from '../../relay/machine/turn/note.ts';
import type { Link, OnReport, OutgoingMessage } from '../../relay/model/link.ts';
import type { SimulatedCcs } from './ccs.ts';
import { Line } from './line.ts';
import type { Process } from './process.ts';
import type { Environment } from './environment.ts';

export interface ConnectionParts {
  readonly name: string;
  readonly process: Process;
  readonly env: Environment;
  readonly ccs: SimulatedCcs;
  readonly report: OnReport;
  /** The link was open and took the message, or the ack. */
  readonly handed: (line: Line, messageId: string) => void;
  readonly acked: (line: Line, messageId: string) => void;
}

const LIMIT = 100;
// as the XMPP link does
const HEARD_EVERY_MS = 1_000;

/** A worker's link: it keeps what relay/model/link.ts promises, on a simulated line. */
export class SimulatedConnection implements Link {
  readonly #parts: ConnectionParts;
  readonly #line: Line;
  readonly #over: Promise<void>;
  #isOver: () => void = () => undefined;
  #phase: Phase = 'negotiating';
  #heardMs = 0;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { name, process, env, ccs, report } = parts;
    this.#over = process.promise((resolve) => (this.#isOver = () => resolve()));
    this.#line = new Line(env, name, {
      opened: () => this.#opened(),
      report: (said) => {
        this.#heard();
        report(said);
      },
      closed: (how) => this.#end(how, 'simulated'),
    });
    env.journal.note({ kind: 'connecting', worker: process.actor, line: name });
    ccs.connect(process.actor, this.#line);
  }

  send(message: OutgoingMessage): void {
    if (!speaks[this.#phase]) return;
    this.#parts.handed(this.#line, message.messageId);
    this.#line.up(() => this.#parts.ccs.received(this.#line, message));
  }

  ackUpstream(_from: string, messageId: string): void {
    if (!speaks[this.#phase]) return;
    this.#parts.acked(this.#line, messageId);
    this.#line.up(() => this.#parts.ccs.ackedUpstream(this.#line, messageId));
  }

  abandon(): void {
    return;
  }

  ping(): void {
    if (!speaks[this.#phase]) return;
    this.#line.up(() =>
      this.#line.pong(() => {
        this.#heardMs = this.#nowMs;
        if (hears[this.#phase]) this.#parts.report({ kind: 'heard' });
      }),
    );
  }

  close(graceMs: number): Promise<void> {
    const next = nextPhase(this.#phase, 'closeAsked');
    if (next === 'closed') this.#end('orderly', 'closed before it was open');
    if (next === 'closing') {
      this.#move('closeAsked');
      this.#line.up(() => this.#parts.ccs.lose(this.#line, 'orderly'));
      this.#parts.process.after(graceMs, () => this.#end('orderly', 'the peer did not close the stream'));
    }
    return this.#over;
  }

  destroy(): void {
    this.#end('orderly', 'destroyed');
  }

  #opened(): void {
    if (this.#move('bound')) this.#parts.report({ kind: 'opened', limit: LIMIT });
  }

  #heard(): void {
    if (this.#nowMs - this.#heardMs < HEARD_EVERY_MS) return;
    this.#heardMs = this.#nowMs;
    this.#parts.report({ kind: 'heard' });
  }

  get #nowMs(): number {
    return Math.floor(this.#parts.env.clock.nowMs);
  }

  #move(event: PhaseEvent): boolean {
    const next = nextPhase(this.#phase, event);
    if (next !== undefined) this.#phase = next;
    return next !== undefined;
  }

  /** The only way out. It is reported later, never from within a call. */
  #end(how: ConnectionEnd, detail: string): void {
    const { process, env, ccs, report } = this.#parts;
    const asked = leaves[this.#phase];
    if (!this.#move('ended')) return;
    this.#line.leave();
    ccs.lose(this.#line, 'failed');
    this.#isOver();
    process.after(0, () => {
      if (how === 'refusedCredentials') {
        env.journal.note({ kind: 'refused', worker: process.actor, line: this.#line.name });
        report({ kind: 'credentialsRefused', detail });
      }
      report({ kind: 'closed', how: asked || how === 'orderly' ? 'orderly' : 'failed', detail });
    });
  }
}
