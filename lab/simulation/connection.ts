import type { CloseKind } from '../../relay/machine/turn/input.ts';
import type { CcsConnection, ConnectionListener, PingOutcome } from '../../relay/adapters/xmpp/ccs-connection.ts';
import type { CloseReason } from '../../relay/adapters/xmpp/close-reason.ts';
import { hears, leaves, nextPhase, speaks, type Phase, type PhaseEvent } from '../../relay/adapters/xmpp/phase.ts';
import type { SimulatedCcs } from './ccs.ts';
import { Line } from './line.ts';
import type { Process } from './process.ts';
import type { Surroundings } from './surroundings.ts';

export interface ConnectionParts {
  readonly name: string;
  readonly process: Process;
  readonly around: Surroundings;
  readonly ccs: SimulatedCcs;
  readonly listener: ConnectionListener;
  /** It was open, and the socket has taken it. */
  readonly handed: (line: Line, stanzaId: string, json: string) => void;
}

const KINDS: Readonly<Record<CloseKind, CloseReason['kind']>> = {
  orderly: 'orderly',
  refusedCredentials: 'refusedCredentials',
  failed: 'reset',
};

/** A worker's connection: what relay/adapters/xmpp/session.ts promises, on a simulated line. */
export class SimulatedConnection implements CcsConnection {
  readonly bufferedBytes = 0;
  readonly #parts: ConnectionParts;
  readonly #line: Line;
  readonly #over: Promise<void>;
  #isOver: () => void = () => undefined;
  #phase: Phase = 'negotiating';

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { name, process, around, ccs } = parts;
    this.#over = process.promise((resolve) => (this.#isOver = () => resolve()));
    this.#line = new Line(around, name, {
      opened: () => this.#opened(),
      frame: (frame) => {
        this.#parts.listener.onHeard?.();
        this.#parts.listener.onFrame(frame, 0);
      },
      closed: (how) => this.#end({ kind: KINDS[how], detail: 'simulated' }),
    });
    around.journal.note({ kind: 'connecting', worker: process.actor, line: name });
    ccs.connect(process.actor, this.#line);
  }

  send(stanzaId: string, json: string): void {
    if (!speaks[this.#phase]) return;
    this.#parts.handed(this.#line, stanzaId, json);
    this.#line.up(() => this.#parts.ccs.received(this.#line, json));
  }

  ping(timeoutMs: number): Promise<PingOutcome> {
    if (!speaks[this.#phase]) return Promise.resolve('closed');
    const { process, listener } = this.#parts;
    return process.promise((resolve) => {
      this.#line.up(() =>
        this.#line.pong(() => {
          listener.onHeard?.();
          resolve('answered');
        }),
      );
      process.after(timeoutMs, () => resolve(hears[this.#phase] ? 'timedOut' : 'closed'));
    });
  }

  close(graceMs: number): Promise<void> {
    const next = nextPhase(this.#phase, 'closeAsked');
    if (next === 'closed') this.#end({ kind: 'closedByUs', detail: 'closed before it was open' });
    if (next === 'closing') {
      this.#move('closeAsked');
      this.#line.up(() => this.#parts.ccs.lose(this.#line, 'orderly'));
      this.#parts.process.after(graceMs, () =>
        this.#end({ kind: 'closedByUs', detail: 'the peer did not close the stream' }),
      );
    }
    return this.#over;
  }

  destroy(): void {
    this.#end({ kind: 'closedByUs', detail: 'destroyed' });
  }

  #opened(): void {
    if (this.#move('bound')) this.#parts.listener.onOpen();
  }

  #move(event: PhaseEvent): boolean {
    const next = nextPhase(this.#phase, event);
    if (next !== undefined) this.#phase = next;
    return next !== undefined;
  }

  /** The only way out. The listener hears of it later, never from within a call. */
  #end(reason: CloseReason): void {
    const { process, around, ccs, listener } = this.#parts;
    const asked = leaves[this.#phase];
    if (!this.#move('ended')) return;
    this.#line.leave();
    ccs.lose(this.#line, 'failed');
    this.#isOver();
    process.after(0, () => {
      if (reason.kind === 'refusedCredentials')
        around.journal.note({ kind: 'refused', worker: process.actor, line: this.#line.name });
      listener.onClosed(asked ? { ...reason, kind: 'closedByUs' } : reason);
    });
  }
}
