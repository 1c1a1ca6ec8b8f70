import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { choosePorts } from '../../local/ports.ts';
import { HASH_KEY, type Backlog } from '../drain/backlog.ts';
import { SENDER } from '../sender.ts';
import type { SideProcess } from '../side-process.ts';
import type { Stage } from '../stage.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'node_modules/@google-cloud/functions-framework/build/src/main.js');
export const API_KEY = 'bench-api-key';
const API_KEYS = JSON.stringify([{ name: 'bench', sha256: createHash('sha256').update(API_KEY).digest('hex'), can: ['send'] }]);

/** The function `api` in a process of its own, by the program that Cloud Run starts. */
export async function startFunctions(stage: Stage, backlog: Backlog): Promise<{ readonly side: SideProcess; readonly port: number }> {
  const { api: port } = await choosePorts(undefined);
  const side = stage.side(PROGRAM, {
    FUNCTION_TARGET: 'api',
    FUNCTION_SIGNATURE_TYPE: 'http',
    FUNCTION_SOURCE: join(ROOT, 'functions'),
    PORT: String(port),
    NODE_ENV: '', // in production it does not print that it listens
    GOOGLE_CLOUD_PROJECT: backlog.projectId,
    RELAY_SENDERS: SENDER.id,
    RELAY_TOPIC_PREFIX: backlog.topicPrefix,
    RELAY_API_KEYS: API_KEYS,
    TOKEN_HASH_KEY: HASH_KEY,
  });
  await side.printed(/^(URL: .*)$/m);
  return { side, port };
}
