import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { functionsEnvironment } from '../../dev/stack/functions.ts';
import { call, type Called } from './call.ts';

export const KEYS = { send: 'a key that may send', read: 'a key that may read' } as const;

export const HASH_KEY = 'a key for functions tests';

export interface HostOptions {
  readonly senders: readonly string[];
  readonly topicPrefix: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Node's own: `--max-old-space-size=256`. */
  readonly nodeFlags?: readonly string[];
}

export interface ApiCall {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null`: no authorization at all. */
  readonly key?: string | null;
}

/** The running functions, in a process of their own (host.ts). */
export interface FunctionsHost {
  /** A `body` that is no text or bytes is sent as JSON. */
  api(method: string, path: string, more?: ApiCall): Promise<Called>;
  /** Calls an event function as Pub/Sub does; resolves to the status: 2xx acks. */
  deliver(name: 'onDownstreamRequest' | 'onDeadLetter', data: string | Buffer, more?: Delivery): Promise<number>;
  sweep(): Promise<number>;
  /** What the functions have logged so far. */
  readonly log: readonly string[];
  readonly apiPort: number;
  readonly pid: number;
  close(): Promise<void>;
}

export interface Delivery {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly messageId?: string;
  /** RFC 3339; now, if absent. */
  readonly publishTime?: string;
}

export async function startFunctions({
  senders,
  topicPrefix,
  env,
  nodeFlags = [],
}: HostOptions): Promise<FunctionsHost> {
  const child = spawn(process.execPath, [...nodeFlags, join(import.meta.dirname, 'host.ts')], {
    env: {
      ...process.env,
      ...functionsEnvironment({
        senderIds: senders,
        topicPrefix,
        apiKeys: [
          { name: 'sender', key: KEYS.send, can: ['send'] },
          { name: 'reader', key: KEYS.read, can: ['read'] },
        ],
        tokenHashKey: HASH_KEY,
      }),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  createInterface(child.stderr).on('line', (line) => log.push(line));
  const lines = createInterface(child.stdout).on('line', (line) => log.push(line));
  const died = once(child, 'exit').then(() => {
    throw new Error(`the functions did not start:\n${log.join('\n')}`);
  });
  const [first] = (await Promise.race([once(lines, 'line'), died])) as [string];
  died.catch(() => undefined);
  const { ports } = JSON.parse(first) as { readonly ports: Readonly<Record<string, number>> };
  const urlOf = (name: string): string => `http://127.0.0.1:${ports[name] ?? 0}`;
  return {
    api: (method, path, { body, headers, key = KEYS.send } = {}) => {
      const raw = typeof body === 'string' || Buffer.isBuffer(body);
      return call(method, `${urlOf('api')}${path}`, {
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(key !== null && { authorization: `key=${key}` }),
          ...headers,
        },
        ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
      });
    },
    deliver: async (
      name,
      data,
      { attributes = {}, messageId = randomUUID(), publishTime = new Date().toISOString() } = {},
    ) => {
      const message = { data: Buffer.from(data).toString('base64'), attributes, messageId, publishTime };
      // Binary mode, as Eventarc does.
      const headers = {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': messageId,
        'ce-time': publishTime,
        'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
        'ce-source': '//pubsub.googleapis.com/projects/p/topics/t',
      };
      return (await call('POST', urlOf(name), { headers, body: JSON.stringify({ message, subscription: 's' }) }))
        .status;
    },
    sweep: async () => (await call('POST', urlOf('sweep'), {})).status,
    log,
    apiPort: ports['api'] ?? 0,
    pid: child.pid ?? 0,
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'close');
    },
  };
}
