import { sweep } from '../relay/service/sweep/sweep.ts';
import { logFailure, logSweep } from './log.ts';
import type { Services } from './compose.ts';

/** Sweeps all senders in parallel, for at most `maxMs`. The next run continues. */
export async function sweepSenders(services: Services, maxMs: number): Promise<void> {
  const startMs = services.now();
  const sweepOne = async (senderId: string): Promise<void> => {
    const { cause, ...report } = await sweep(services, senderId, { endMs: startMs + maxMs });
    if (cause !== undefined) logFailure('sweep.failed', cause);
    logSweep({ ...report, ms: services.now() - startMs });
  };
  await Promise.all(services.senders.map(sweepOne));
}
