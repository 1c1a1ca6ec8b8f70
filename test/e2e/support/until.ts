import { setTimeout as wait } from 'node:timers/promises';

/** Asks until the answer is yes. @throws Error with `what` when it is not within the time */
export async function until(isSo: () => boolean | Promise<boolean>, { withinMs, what }: { withinMs: number; what: () => string }): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`after ${withinMs} ms: ${what()}`);
    await wait(20);
  }
}
