import { sweep } from '../relay/service/sweep/sweep.ts';
import { logFailure, logSweep } from './log.ts';
import type { Services } from './compose.ts';

/** Every sender at once, for `maxMs` at most. What is left over waits for the next run. */
export async function sweepSenders(services: Services, maxMs: number): Promise<void> {
  const startMs = services.now();
  const sweepOne = async (senderId: string): Promise<void> => {
    const { cause, ...report } = await sweep(services, senderId, { endMs: startMs + maxMs });
    if (cause !== undefined) logFailure('sweeping', cause);
    logSweep({ ...report, ms: services.now() - startMs });
  };
  await Promise.all(services.senders.map(sweepOne));
}
