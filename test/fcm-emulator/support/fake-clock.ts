import type { Clock } from '../../../fcm-emulator/time/clock.ts';

/** A clock that stands still until advanced. `soon` calls wait for `settle`, which `advance` calls at each step. */
export class FakeClock implements Clock {
  #now: number;
  #timers: { due: number; call: () => void }[] = [];
  #soon: (() => void)[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, call: () => void): () => void {
    const timer = { due: this.#now + delayMs, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  soon(call: () => void): void {
    this.#soon.push(call);
  }

  settle(): void {
    while (this.#soon.length > 0) for (const call of this.#soon.splice(0)) call();
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    this.settle();
    for (;;) {
      const due = Math.min(...this.#timers.map((timer) => timer.due));
      if (due > end) break;
      this.#now = Math.max(this.#now, due);
      const at = this.#timers.findIndex((timer) => timer.due === due);
      const [timer] = this.#timers.splice(at, 1);
      timer?.call();
      this.settle();
    }
    this.#now = end;
  }
}
