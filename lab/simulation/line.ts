import type { ConnectionEnd } from '../../relay/machine/turn/note.ts';
import type { LinkReport } from '../../relay/model/link.ts';
import type { Surroundings } from './surroundings.ts';

/** The worker's end. */
export interface LineEnd {
  opened(): void;
  report(report: LinkReport): void;
  closed(how: ConnectionEnd): void;
}

const HOP_MS = { least: 1, most: 5 };

/** One TCP connection: what is said on it arrives in its order, or not at all. */
export class Line {
  readonly name: string;
  readonly #around: Surroundings;
  readonly #end: LineEnd;
  /** CCS's end stands. */
  ccsOpen = false;
  /** The worker's end stands. */
  workerOpen = true;
  /** The socket stands, and nothing comes through it any more, either way. */
  halfOpen = false;
  drainSaid = false;
  /** Upstream messages that came to the worker here. */
  readonly upstream = new Set<string>();
  #upAtMs = 0;
  #downAtMs = 0;

  constructor(around: Surroundings, name: string, end: LineEnd) {
    this.#around = around;
    this.name = name;
    this.#end = end;
  }

  /** From the worker to CCS. */
  up(arrive: () => void): void {
    const { clock, dice } = this.#around;
    this.#upAtMs = Math.max(this.#upAtMs, clock.nowMs + dice.between(HOP_MS.least, HOP_MS.most));
    clock.after(this.#upAtMs - clock.nowMs, () => {
      if (this.ccsOpen && !this.halfOpen) arrive();
    });
  }

  /** From CCS to the worker. `before`: what an observer notes when it arrives. */
  down(report: LinkReport, before: () => void = () => undefined): void {
    this.#arrive(() => {
      before();
      this.#end.report(report);
    });
  }

  /** CCS's answer to a ping. */
  pong(heard: () => void): void {
    this.#arrive(heard);
  }

  open(): void {
    this.ccsOpen = true;
    this.#end.opened();
  }

  /** CCS's end goes: in good order behind what was said before, or with all that was on its way. */
  end(how: ConnectionEnd): void {
    this.ccsOpen = false;
    if (how === 'orderly') return this.#arrive(() => this.#close(how));
    const { clock, dice } = this.#around;
    const broken = !this.halfOpen;
    this.halfOpen = true;
    if (broken) clock.after(dice.between(0, 50), () => this.#close(how));
  }

  /** The worker lets go of it. */
  leave(): void {
    if (!this.workerOpen) return;
    this.workerOpen = false;
    this.#around.journal.note({ kind: 'left', line: this.name });
  }

  #arrive(act: () => void): void {
    const { clock, dice } = this.#around;
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
