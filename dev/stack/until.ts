import { setTimeout as wait } from 'node:timers/promises';

interface Patience {
  readonly withinMs: number;
  readonly what: () => string;
  readonly everyMs?: number;
}

/** Asks until the answer is yes. @throws Error with `what` when it is not within the time */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { withinMs, what, everyMs = 20 }: Patience,
): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`after ${withinMs} ms: ${what()}`);
    await wait(everyMs);
  }
}
