import { setTimeout as wait } from 'node:timers/promises';
import { TurnError, type SideProcess } from '../side-process.ts';

const POLL_MS = 50; // more often would take CPU from both sides
const QUIET_LIMIT_MS = 60_000; // a lease of 30 s may have to expire first

export interface Taking {
  /** How many messages CCS has taken. */
  readonly accepted: () => Promise<number>;
  readonly side: Pick<SideProcess, 'hasEnded' | 'output'>;
  readonly quietLimitMs?: number;
}

/**
 * The number of messages that CCS has taken, once it is at least this. @throws TurnError if the side ends before, or
 * nothing new comes for a minute
 */
export async function taken(least: number, { accepted, side, quietLimitMs = QUIET_LIMIT_MS }: Taking): Promise<number> {
  for (let last = -1, lastMs = performance.now(); ;) {
    const now = await accepted();
    if (now >= least) return now;
    if (now > last) [last, lastMs] = [now, performance.now()];
    if (side.hasEnded) throw new TurnError(`it ended after ${now} of ${least} messages\n${side.output}`);
    if (performance.now() - lastMs > quietLimitMs)
      throw new TurnError(
        `CCS has ${now} of ${least} messages, and received none for ${quietLimitMs / 1_000} s\n${side.output}`,
      );
    await wait(POLL_MS);
  }
}
