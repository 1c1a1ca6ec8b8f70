import { Schedule } from '../../../relay/core/schedule.ts';

/** Virtual time: what is due next happens next, at once. */
export class Clock {
  readonly #due = new Schedule<() => void>();
  nowMs = 1_700_000_000_000;

  after(delayMs: number, act: () => void): void {
    this.#due.add(this.nowMs + Math.max(0, delayMs), act);
  }

  /** Runs until `isOver` or until the time has passed. Returns whether `isOver` said so. */
  run(forMs: number, isOver: () => boolean): boolean {
    const endMs = this.nowMs + forMs;
    for (;;) {
      if (isOver()) return true;
      const nextMs = this.#due.nextMs;
      if (nextMs === undefined || nextMs > endMs) return isOver();
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.#due.takeDue(this.nowMs)?.();
    }
  }
}
