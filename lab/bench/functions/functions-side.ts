import { join } from 'node:path';
import { functionsEnvironment } from '../../../dev/stack/functions.ts';
import { HASH_KEY, type Backlog } from '../drain/backlog.ts';
import { SENDER } from '../sender.ts';
import type { SideProcess } from '../side-process.ts';
import type { Testbed } from '../testbed.ts';
import { Caller } from './caller.ts';

/** Sent by the program when it can be called. */
export interface Listening {
  readonly kind: 'listening';
  readonly port: number;
}

const PROGRAM = join(import.meta.dirname, 'program.ts');
const API_KEY = 'bench-api-key';

export interface Functions {
  readonly side: SideProcess;
  readonly caller: Caller;
}

/** The function `api` in a process of its own, and its caller. @param atOnce calls in progress; more of them wait */
export async function startFunctions(
  testbed: Testbed,
  { topicPrefix }: Backlog,
  atOnce = Infinity,
): Promise<Functions> {
  const env = functionsEnvironment({
    senderIds: [SENDER.id],
    topicPrefix,
    apiKeys: [{ name: 'bench', key: API_KEY, can: ['send'] }],
    tokenHashKey: HASH_KEY,
  });
  const side = testbed.side(PROGRAM, env);
  const { port } = await side.said<Listening>('listening');
  return { side, caller: new Caller({ port, apiKey: API_KEY, atOnce }) };
}
