import { HOST } from '../../dev/stack/ports.ts';
import { jobEnvironment, type LoadJob } from './load-job.ts';
import { Gauge } from './gauge.ts';
import type { Done, Warm } from './progress.ts';
import type { Turn } from './scenario.ts';
import type { Testbed } from './testbed.ts';

export interface Load extends Omit<LoadJob, 'host' | 'port'> {
  /** Of CCS, exactly. */
  readonly latencyMs: number;
}

/** One turn of a program that sends a number of messages to CCS and measures itself (progress.ts). */
export async function loadTurn(testbed: Testbed, program: string, { latencyMs, ...load }: Load): Promise<Turn> {
  const { ccs } = testbed;
  await ccs.renew({ latencyMs });
  const side = testbed.side(program, jobEnvironment({ ...load, host: HOST, port: ccs.port } satisfies LoadJob));
  await side.said<Warm>('warm');
  const gauge = await Gauge.begin(ccs.control);
  const { messages, seconds, cpuMicros, peakRssBytes } = await side.said<Done>('done');
  const shares = await gauge.read();
  await side.end('by itself');
  await ccs.verify(load.warmUp + load.messages + (load.behind ?? 0));
  return { messages, seconds, cpuMicros, peakRssBytes, ...shares };
}
