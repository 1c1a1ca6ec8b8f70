import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DEVELOPMENT } from '../../ops/development.ts';
import { HOST, type Ports } from './ports.ts';
import type { Processes } from './processes.ts';
import { warmUp } from './relay-api.ts';
import type { StartOptions } from './start-options.ts';

/** The base URL of the HTTPS API. */
export const apiUrl = (ports: Ports): string => `http://${HOST}:${ports.api}`;

/** Resolves when the API has reached Firestore and every trigger is connected: the topics must exist. */
export async function startFunctions(
  processes: Processes,
  root: string,
  ports: Ports,
  { senderId, topicPrefix }: StartOptions,
): Promise<void> {
  await processes.run({
    name: 'functions',
    command: process.execPath,
    args: [
      '--enable-source-maps',
      join(root, 'dev/stack/functions-host.ts'),
      join(root, 'functions/dist/index.js'),
      String(ports.api),
    ],
    env: {
      RELAY_SENDERS: senderId,
      RELAY_TOPIC_PREFIX: topicPrefix,
      RELAY_API_KEYS: apiKeys(),
      TOKEN_HASH_KEY: DEVELOPMENT.tokenHashKey,
      TOKEN_HASH_KEY_PREVIOUS: 'none',
    },
    ready: /^functions ready/m,
    readyWithinMs: 60_000,
    graceMs: 2_000,
  });
  await warmUp(apiUrl(ports));
}

/** Keys are kept hashed, in development too: there is one code path. */
const apiKeys = (): string =>
  JSON.stringify([
    { name: 'local-dev', sha256: createHash('sha256').update(DEVELOPMENT.apiKey).digest('hex'), can: ['send', 'read'] },
  ]);
