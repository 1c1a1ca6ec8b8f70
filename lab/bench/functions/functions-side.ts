import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { HASH_KEY, type Backlog } from '../drain/backlog.ts';
import { SENDER } from '../sender.ts';
import type { SideProcess } from '../side-process.ts';
import type { Stage } from '../stage.ts';
import { Caller } from './caller.ts';

/** What the program says when it can be called. */
export interface Listening {
  readonly kind: 'listening';
  readonly port: number;
}

const PROGRAM = join(import.meta.dirname, 'program.ts');
const API_KEY = 'bench-api-key';
const API_KEYS = JSON.stringify([
  { name: 'bench', sha256: createHash('sha256').update(API_KEY).digest('hex'), can: ['send'] },
]);

export interface Functions {
  readonly side: SideProcess;
  readonly caller: Caller;
}

/** The function `api` in a process of its own, and who calls it. @param atOnce calls under way; more of them wait */
export async function startFunctions(stage: Stage, { topicPrefix }: Backlog, atOnce = Infinity): Promise<Functions> {
  const side = stage.side(PROGRAM, {
    RELAY_SENDERS: SENDER.id,
    RELAY_TOPIC_PREFIX: topicPrefix,
    RELAY_API_KEYS: API_KEYS,
    TOKEN_HASH_KEY: HASH_KEY,
    TOKEN_HASH_KEY_PREVIOUS: 'none',
  });
  const { port } = await side.said<Listening>('listening');
  return { side, caller: new Caller({ port, apiKey: API_KEY, atOnce }) };
}
