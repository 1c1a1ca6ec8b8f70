import { join } from 'node:path';
import { Backlog } from '../drain/backlog.ts';
import { jobEnvironment } from '../load-job.ts';
import { Gauge } from '../gauge.ts';
import type { Done, Warm } from '../progress.ts';
import type { Turn } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';
import { UPSTREAM_WINDOW, type BareJob, type UpstreamLoad } from './bare-job.ts';
import { EventTap } from './event-tap.ts';

const PROGRAM = join(import.meta.dirname, 'bare.ts');

export async function bareTurn(testbed: Testbed, { connections, ...counts }: UpstreamLoad): Promise<Turn> {
  const backlog = await Backlog.empty(testbed);
  const tap = await EventTap.open(backlog);
  const job: BareJob = {
    ...counts,
    projectId: backlog.projectId,
    topic: backlog.names.upstream,
    outstanding: connections * UPSTREAM_WINDOW,
  };
  const side = testbed.side(PROGRAM, jobEnvironment(job));
  await side.said<Warm>('warm');
  const gauge = await Gauge.begin(testbed.ccs.control);
  const { messages, seconds, cpuMicros, peakRssBytes } = await side.said<Done>('done');
  const shares = await gauge.read();
  await side.end('by itself');
  await tap.verify(counts.warmUp + counts.messages);
  await tap.close();
  await backlog.remove();
  return { messages, seconds, cpuMicros, peakRssBytes, ...shares };
}
