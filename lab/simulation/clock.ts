import { setImmediate as microtasksAreDone } from 'node:timers/promises';
import { Schedule } from '../../relay/machine/turn/schedule.ts';

/** This many steps without virtual time moving are a hot loop. */
const HOT_STEPS = 50_000;

export class HotLoop extends Error {}

/** Virtual time: whatever is due next happens at once. */
export class Clock {
  readonly #due = new Schedule<() => void>();
  #settled = false;
  #hotSteps = 0;
  /** Milliseconds since 1970. */
  nowMs = 1_700_000_000_000;

  after(delayMs: number, act: () => void): void {
    this.#due.add(this.nowMs + Math.max(0, delayMs), act);
  }

  /**
   * A promise has settled in this step: its continuations run before the next one. Reported for each, since waiting for
   * microtasks after every step would take longer than everything else (a tenth of the steps settle one).
   */
  settled(): void {
    this.#settled = true;
  }

  /** Runs until `isOver`, or for this long. Resolves with whether `isOver` ended it. Rejects with HotLoop. */
  async run(forMs: number, isOver: () => boolean): Promise<boolean> {
    const endMs = this.nowMs + forMs;
    for (;;) {
      if (isOver()) return true;
      const nextMs = this.#due.nextMs;
      if (nextMs === undefined || nextMs > endMs) {
        this.nowMs = endMs;
        return false;
      }
      this.#advance(nextMs);
      this.#due.takeDue(this.nowMs)?.();
      if (!this.#settled) continue;
      this.#settled = false;
      await microtasksAreDone();
    }
  }

  #advance(toMs: number): void {
    this.#hotSteps = toMs > this.nowMs ? 0 : this.#hotSteps + 1;
    if (this.#hotSteps > HOT_STEPS) throw new HotLoop(`${HOT_STEPS} steps and no time has passed`);
    this.nowMs = Math.max(this.nowMs, toMs);
  }
}
