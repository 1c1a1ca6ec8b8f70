import { sweep } from '../relay/service/sweep/sweep.ts';
import { logFailure, logSweep } from './log.ts';
import type { Relay } from './compose.ts';

/** Every sender at once, for `maxMs` at most. What is left over waits for the next run. */
export async function sweepSenders(relay: Relay, maxMs: number): Promise<void> {
  const startMs = relay.now();
  const sweepOne = async (senderId: string): Promise<void> => {
    const { cause, ...report } = await sweep(relay, senderId, { endMs: startMs + maxMs });
    if (cause !== undefined) logFailure('sweeping', cause);
    logSweep({ ...report, ms: relay.now() - startMs });
  };
  await Promise.all(relay.senders.map(sweepOne));
}
