import { setTimeout as wait } from 'node:timers/promises';

interface Wait {
  readonly withinMs: number;
  /** The state of affairs, for the error. */
  readonly what: () => string;
  readonly everyMs?: number;
}

/** Polls until the condition holds. @throws Error with `what` when it does not hold in time */
export async function until(
  holds: () => boolean | Promise<boolean>,
  { withinMs, what, everyMs = 20 }: Wait,
): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`after ${withinMs} ms: ${what()}`);
    await wait(everyMs);
  }
}
