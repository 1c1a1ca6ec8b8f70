import { join } from 'node:path';
import { Backlog } from '../drain/backlog.ts';
import { jobEnvironment } from '../load-job.ts';
import { Gauge } from '../gauge.ts';
import type { Done, Warm } from '../progress.ts';
import type { Turn } from '../scenario.ts';
import { SENDER } from '../sender.ts';
import type { Testbed } from '../testbed.ts';
import type { Calls } from './calls.ts';
import type { RawJob } from './raw-job.ts';
import { verifyAccepted } from './verify-accepted.ts';

const PROGRAM = join(import.meta.dirname, 'raw.ts');

/** What the raw program says at its end. */
export interface RawDone extends Done {
  readonly extra: Readonly<Record<string, number>>;
}

export async function rawTurn(testbed: Testbed, calls: Calls): Promise<Turn> {
  const backlog = await Backlog.empty(testbed);
  const job: RawJob = { ...calls, projectId: backlog.projectId, topic: backlog.names.lane(SENDER.id, 'normal') };
  const side = testbed.side(PROGRAM, jobEnvironment(job));
  await side.said<Warm>('warm');
  const gauge = await Gauge.begin(testbed.ccs.control);
  const { messages, seconds, cpuMicros, peakRssBytes, extra } = await side.said<RawDone>('done');
  const shares = await gauge.read();
  await side.end('by itself');
  await verifyAccepted(backlog, calls.warmUp + calls.messages);
  await backlog.remove();
  return { messages, seconds, cpuMicros, peakRssBytes, ...shares, extra };
}
