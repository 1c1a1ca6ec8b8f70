import type { LogEvent } from '../../worker/observe/log-events.ts';
import { HOST } from './ports.ts';
import type { ProcessSpec } from './process/running-process.ts';
import { PROGRAMS } from './programs.ts';

export interface WorkerSettings {
  readonly senderId: string;
  readonly serverKey: string;
  readonly tokenHashKey: string;
  /** Of our FCM emulator. Without it, the worker connects to what its environment names. */
  readonly fcm?: { readonly port: number; readonly caPath: string } | undefined;
  readonly topicPrefix?: string;
  /** Of the health and metrics endpoint; 0: any free one. */
  readonly port?: number;
}

/** The configuration of a worker on this machine, as environment variables. */
export const workerEnvironment = (settings: WorkerSettings): Readonly<Record<string, string>> => ({
  FCM_SENDER_ID: settings.senderId,
  FCM_SERVER_KEY: settings.serverKey,
  ...(settings.fcm !== undefined && {
    FCM_XMPP_URL: `xmpps://${HOST}:${settings.fcm.port}`,
    NODE_EXTRA_CA_CERTS: settings.fcm.caPath,
  }),
  RELAY_TOPIC_PREFIX: settings.topicPrefix ?? '',
  TOKEN_HASH_KEY: settings.tokenHashKey,
  HOST,
  PORT: String(settings.port ?? 0),
});

/** `node worker/dist/index.js`, as production runs it. */
export const workerSpec = (env: Readonly<Record<string, string>>, name = 'worker'): ProcessSpec => ({
  name,
  args: ['--enable-source-maps', PROGRAMS.worker],
  env,
});

/** The worker's log events that the tools wait for. */
export const WORKER_LOG = {
  started: 'worker.started',
  connected: 'connection.opened',
  silent: 'connection.timed_out',
  unanswered: 'answer.timed_out',
  pullingPaused: 'pulling.paused',
} as const satisfies Readonly<Record<string, LogEvent>>;
