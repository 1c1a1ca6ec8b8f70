import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { HOST } from '../../../dev/stack/ports.ts';
import { SENDER } from '../sender.ts';
import { TurnError, type SideProcess } from '../side-process.ts';
import type { Stage } from '../stage.ts';
import { HASH_KEY } from './backlog.ts';
import type { Draining, DrainSpec } from './drain-turn.ts';

const PROGRAM = join(import.meta.dirname, '../../../worker/dist/index.js');
const LOOK_EVERY_MS = 25;
const WITHIN_MS = 60_000;

/** `node worker/dist/index.js`, as production runs it. */
export function startWorker(stage: Stage, { backlog, connections }: Omit<DrainSpec, 'messages'>): Draining {
  const side = stage.side(PROGRAM, {
    GOOGLE_CLOUD_PROJECT: backlog.projectId,
    FCM_SENDER_ID: SENDER.id,
    FCM_SERVER_KEY: SENDER.key,
    FCM_XMPP_URL: `xmpps://${HOST}:${stage.ccs.port}`,
    FCM_CONNECTIONS: String(connections),
    RELAY_TOPIC_PREFIX: backlog.topicPrefix,
    TOKEN_HASH_KEY: HASH_KEY,
    PORT: '0',
  });
  return { side, finished: (messages) => finished(side, messages) };
}

/** Nothing is held any more, and so many have settled as acked. @throws TurnError when that does not come */
async function finished(side: SideProcess, messages: number): Promise<void> {
  const port = await side.printed(/"worker started".*"port":(\d+)/);
  const endMs = Date.now() + WITHIN_MS;
  for (;;) {
    const text = await (await fetch(`http://${HOST}:${port}/metrics`)).text();
    const [settled, held] = [sum(text, /^relay_settled_total\{state="acked"/), sum(text, /^relay_held\{/)];
    if (settled === messages && held === 0) return;
    if (Date.now() > endMs) throw new TurnError(`the worker has settled ${settled} of ${messages} and holds ${held}`);
    await wait(LOOK_EVERY_MS);
  }
}

const sum = (metrics: string, sample: RegExp): number =>
  metrics
    .split('\n')
    .filter((line) => sample.test(line))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
