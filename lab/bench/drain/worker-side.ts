import { setTimeout as wait } from 'node:timers/promises';
import { sumOfSamples } from '../../../dev/stack/metrics.ts';
import { HOST } from '../../../dev/stack/ports.ts';
import { PROGRAMS } from '../../../dev/stack/programs.ts';
import { WORKER_LOG, workerEnvironment } from '../../../dev/stack/worker.ts';
import { SENDER } from '../sender.ts';
import { TurnError, type SideProcess } from '../side-process.ts';
import type { Testbed } from '../testbed.ts';
import { HASH_KEY } from './backlog.ts';
import type { Draining, DrainSpec } from './drain-turn.ts';

const POLL_MS = 25;
const WITHIN_MS = 60_000;
const PORT = new RegExp(`"${WORKER_LOG.started}".*"port":(\\d+)`);

/** `node worker/dist/index.js`, as production runs it. */
export function startWorker(testbed: Testbed, { backlog, connections }: Omit<DrainSpec, 'messages'>): Draining {
  const side = testbed.side(PROGRAMS.worker, {
    GOOGLE_CLOUD_PROJECT: backlog.projectId,
    ...workerEnvironment({
      senderId: SENDER.id,
      serverKey: SENDER.key,
      tokenHashKey: HASH_KEY,
      fcm: testbed.ccs,
      topicPrefix: backlog.topicPrefix,
    }),
    FCM_CONNECTIONS: String(connections),
  });
  return { side, finished: (messages) => finished(side, messages) };
}

/** Resolves when it holds nothing more and this many have settled as acked. @throws TurnError after a minute */
async function finished(side: SideProcess, messages: number): Promise<void> {
  const port = await side.printed(PORT);
  const endMs = Date.now() + WITHIN_MS;
  for (;;) {
    const text = await (await fetch(`http://${HOST}:${port}/metrics`)).text();
    const settled = sumOfSamples(text, 'relay_settled_total{state="acked"');
    const held = sumOfSamples(text, 'relay_held{');
    if (settled === messages && held === 0) return;
    if (Date.now() > endMs) throw new TurnError(`the worker has settled ${settled} of ${messages} and holds ${held}`);
    await wait(POLL_MS);
  }
}
