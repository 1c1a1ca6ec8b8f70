/** Time as CCS sees it: the only way to a timer. Tests put a clock of their own in its place. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once, after `delayMs`; the result takes it back. */
  after(delayMs: number, call: () => void): () => void;
  /** Calls once, after the input at hand has been dealt with. */
  soon(call: () => void): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1; // setTimeout fires at once beyond it

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, Math.min(delayMs, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};
