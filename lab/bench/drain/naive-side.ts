import { join } from 'node:path';
import { HOST } from '../../../dev/stack/ports.ts';
import { jobEnvironment } from '../load-job.ts';
import { SENDER } from '../sender.ts';
import type { Testbed } from '../testbed.ts';
import type { DrainJob } from './drain-job.ts';
import type { Draining, DrainSpec } from './drain-turn.ts';

const PROGRAM = join(import.meta.dirname, 'naive.ts');

export function startNaive(testbed: Testbed, { backlog, messages }: DrainSpec): Draining {
  const subscription = backlog.names.laneSubscription(SENDER.id, 'normal');
  const job: DrainJob = {
    host: HOST,
    port: testbed.ccs.port,
    projectId: backlog.projectId,
    subscription,
    pendingLimit: 100,
    messages,
  };
  const side = testbed.side(PROGRAM, jobEnvironment(job));
  return { side, finished: () => side.said('done') };
}
