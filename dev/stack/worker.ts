import { join } from 'node:path';
import type { Ccs } from './ccs.ts';
import { DEVELOPMENT } from '../../ops/development.ts';
import { untilOk } from './http.ts';
import { HOST, type Ports } from './ports.ts';
import type { Processes } from './processes.ts';
import type { StartOptions } from './start-options.ts';

const EX_CONFIG = 78; // worker/index.ts: its environment is wrong

export const workerUrl = (ports: Ports): string => `http://${HOST}:${ports.worker}`;

/** Resolves when the worker has an open connection to CCS. */
export async function startWorker(
  processes: Processes,
  root: string,
  ports: Ports,
  options: StartOptions & { ccs: Ccs },
): Promise<void> {
  await processes.run({
    name: 'worker',
    command: process.execPath,
    args: ['--enable-source-maps', join(root, 'worker/dist/index.js')],
    env: {
      ...options.ccs.env,
      FCM_SENDER_ID: options.senderId,
      FCM_SERVER_KEY: options.serverKey,
      RELAY_TOPIC_PREFIX: options.topicPrefix,
      TOKEN_HASH_KEY: DEVELOPMENT.tokenHashKey,
      HOST,
      PORT: String(ports.worker),
    },
    ready: (signal) => untilOk(`${workerUrl(ports)}/readyz`, signal),
    readyWithinMs: 30_000,
    graceMs: 10_000, // guarantee 5
    restart: { unlessCode: EX_CONFIG, say: (line) => console.log(line) },
  });
}
