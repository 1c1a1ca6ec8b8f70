/** The emulator's only source of time and timers; tests substitute their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once, after `delayMs`; the result cancels it. */
  after(delayMs: number, call: () => void): () => void;
  /** Calls once, after the current input has been handled. */
  soon(call: () => void): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1; // beyond it setTimeout fires at once

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, Math.min(delayMs, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};
