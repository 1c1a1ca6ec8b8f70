import type { ConnectionEnd } from '../../relay/machine/turn/note.ts';
import type { LinkReport } from '../../relay/model/link.ts';
import type { Environment } from './environment.ts';

/** The worker's end of a line. */
export interface LineEnd {
  opened(): void;
  report(report: LinkReport): void;
  closed(how: ConnectionEnd): void;
}

const HOP_MS = { least: 1, most: 5 };

/** One TCP connection: what is sent on it arrives in order, or not at all. */
export class Line {
  readonly name: string;
  readonly #env: Environment;
  readonly #end: LineEnd;
  /** FCM's end is open. */
  ccsOpen = false;
  /** The worker's end is open. */
  workerOpen = true;
  /** Both sockets are open, and nothing comes through any more, either way. */
  halfOpen = false;
  drainSaid = false;
  /** Upstream messages that were sent to the worker here. */
  readonly upstream = new Set<string>();
  #upAtMs = 0;
  #downAtMs = 0;

  constructor(env: Environment, name: string, end: LineEnd) {
    this.#env = env;
    this.name = name;
    this.#end = end;
  }

  /** From the worker to FCM. */
  up(arrive: () => void): void {
    const { clock, dice } = this.#env;
    this.#upAtMs = Math.max(this.#upAtMs, clock.nowMs + dice.between(HOP_MS.least, HOP_MS.most));
    clock.after(this.#upAtMs - clock.nowMs, () => {
      if (this.ccsOpen && !this.halfOpen) arrive();
    });
  }

  /** From FCM to the worker. @param before done when it arrives, for the journal */
  down(report: LinkReport, before: () => void = () => undefined): void {
    this.#arrive(() => {
      before();
      this.#end.report(report);
    });
  }

  /** FCM's answer to a ping. */
  pong(heard: () => void): void {
    this.#arrive(heard);
  }

  open(): void {
    this.ccsOpen = true;
    this.#end.opened();
  }

  /** FCM's end goes: in good order after what was sent before, or with everything that was on its way. */
  end(how: ConnectionEnd): void {
    this.ccsOpen = false;
    if (how === 'orderly') return this.#arrive(() => this.#close(how));
    const { clock, dice } = this.#env;
    const broken = !this.halfOpen;
    this.halfOpen = true;
    if (broken) clock.after(dice.between(0, 50), () => this.#close(how));
  }

  /** The worker lets go of it. */
  leave(): void {
    if (!this.workerOpen) return;
    this.workerOpen = false;
    this.#env.journal.note({ kind: 'left', line: this.name });
  }

  #arrive(act: () => void): void {
    const { clock, dice } = this.#env;
    this.#downAtMs = Math.max(this.#downAtMs, clock.nowMs + dice.between(HOP_MS.least, HOP_MS.most));
    clock.after(this.#downAtMs - clock.nowMs, () => {
      if (this.workerOpen && !this.halfOpen) act();
    });
  }

  #close(how: ConnectionEnd): void {
    if (!this.workerOpen) return;
    this.leave();
    this.#end.closed(how);
  }
}
