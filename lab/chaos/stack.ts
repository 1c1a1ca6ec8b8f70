import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { EmulatorControl } from '../../fcm-emulator/client.ts';
import { DEVELOPMENT } from '../../ops/development.ts';
import { emulatorEnvironment, startEmulators } from '../../dev/stack/emulators.ts';
import { markOf, marked } from '../../dev/stack/guardian.ts';
import { choosePorts, HOST, type Ports } from '../../dev/stack/ports.ts';
import type { Processes } from '../../dev/stack/processes.ts';
import { warmUp } from '../../dev/stack/relay-api.ts';
import { provision } from '../../relay/adapters/pubsub/provision.ts';
import { topology } from '../../relay/adapters/pubsub/topology.ts';
import type { ChaosOptions } from './options.ts';
import { mendPubSubEmulator } from '../../dev/stack/pubsub-emulator.ts';
import { Slot } from './slot.ts';
import { startTcpRelay, type TcpRelay } from '../../dev/stack/tcp-relay.ts';
import { withoutRetryPolicy } from '../../dev/stack/without-retry-policy.ts';

const ROOT = join(import.meta.dirname, '../..');
const LATENCY_MS = '10-40'; // without it nothing would ever be pending when a kill comes
const LEAST_HISTORY = 200_000; // CCS's upstream memory tells a repeated ack from a foreign one: it must hold the run

/** Of each worker. */
export const CONNECTIONS = 2;
export const PENDING_LIMIT = 100;

export type Emulator = 'firestore' | 'pubsub';

/** Everything that runs: what is broken from outside (slots), and what stands still at most. */
export interface Stack {
  readonly api: string;
  readonly ccs: EmulatorControl;
  readonly workers: readonly Slot[];
  readonly functions: Slot;
  /** The only way from workers and functions to the emulators. */
  readonly emulators: Readonly<Record<Emulator, TcpRelay>>;
  /** Process ids of an emulator: to be frozen. */
  emulatorPids(which: Emulator): number[];
  /** What of it runs in this process. */
  close(): void;
}

/** Starts the emulators, CCS and the topics; `startSlots` does the rest, once somebody watches. */
export async function startStack(processes: Processes, options: ChaosOptions): Promise<Stack> {
  const ports = await choosePorts(options.portBase);
  // for our own clients, and for every process that is started below
  Object.assign(process.env, emulatorEnvironment(ports));
  await mendPubSubEmulator(processes.folder);
  const [ccs] = await Promise.all([
    startCcs(processes, ports, options),
    startEmulators(processes, { root: ROOT, ports }),
  ]);
  const pubsub = new PubSub({ projectId: DEVELOPMENT.projectId });
  await provision(pubsub, withoutRetryPolicy(topology([DEVELOPMENT.senderId])));
  await pubsub.close();
  const run = basename(processes.folder);
  const [firestore, pubsubRelay] = await Promise.all([startTcpRelay(ports.firestore), startTcpRelay(ports.pubsub)]);
  const emulators = { firestore, pubsub: pubsubRelay };
  const environment = { FIRESTORE_EMULATOR_HOST: firestore.address, PUBSUB_EMULATOR_HOST: pubsubRelay.address };
  const spec = specs(processes, ports, { mark: markOf(run), environment, ...ccs });
  return {
    api: `http://${HOST}:${ports.api}`,
    ccs: new EmulatorControl(ccs.controlUrl),
    workers: ['worker-a', 'worker-b'].map((name) => new Slot(name, spec.worker(name))),
    functions: new Slot('functions', spec.functions()),
    emulators,
    emulatorPids: (which) => marked(run).filter((pid) => isEmulator(pid, which)),
    close: () => Object.values(emulators).forEach((relay) => relay.close()),
  };
}

export async function startSlots({ api, workers, functions }: Stack): Promise<void> {
  await Promise.all([...workers, functions].map((slot) => slot.start()));
  await warmUp(api);
}

async function startCcs(
  processes: Processes,
  ports: Ports,
  { messages, seed }: ChaosOptions,
): Promise<{ url: string; controlUrl: string; ca: string }> {
  const output = await processes.run({
    name: 'ccs emulator',
    command: process.execPath,
    args: [
      join(ROOT, 'fcm-emulator/main.ts'),
      '--host',
      HOST,
      '--port',
      String(ports.ccs),
      '--control-port',
      String(ports.ccsControl),
      '--sender',
      `${DEVELOPMENT.senderId}=${DEVELOPMENT.serverKey}`,
      '--directory',
      join(processes.folder, 'ccs'),
      '--latency',
      LATENCY_MS,
      '--seed',
      seed,
      '--history',
      String(Math.max(LEAST_HISTORY, 3 * messages)),
    ],
    ready: /^ready ccs=.*\n/m,
    readyWithinMs: 20_000,
    graceMs: 2_000,
  });
  const [, address = '', controlUrl = '', ca = ''] = /^ready ccs=(\S+) control=(\S+) ca=(.+)$/m.exec(output) ?? [];
  return { url: `xmpps://${address}`, controlUrl, ca };
}

interface Surroundings {
  readonly mark: string;
  /** Where the emulators are, for who is killed. */
  readonly environment: Readonly<Record<string, string>>;
  readonly url: string;
  readonly ca: string;
}

/** What to start in each slot; every start has a log of its own. */
function specs({ logFolder }: Processes, ports: Ports, { mark, environment, url, ca }: Surroundings) {
  const numbered = (name: string): (() => string) => {
    let starts = 0;
    return () => join(logFolder, `${name}-${(starts += 1)}.log`);
  };
  const { senderId, serverKey, tokenHashKey } = DEVELOPMENT;
  return {
    worker: (name: string) => {
      const logFile = numbered(name);
      const env = {
        FCM_SENDER_ID: senderId,
        FCM_SERVER_KEY: serverKey,
        FCM_XMPP_URL: url,
        NODE_EXTRA_CA_CERTS: ca,
        TOKEN_HASH_KEY: tokenHashKey,
        FCM_CONNECTIONS: String(CONNECTIONS),
        FCM_PENDING_LIMIT: String(PENDING_LIMIT),
        HOST,
        PORT: '0',
        ...environment,
      };
      return () => ({
        name,
        args: ['--enable-source-maps', join(ROOT, 'worker/dist/index.js')],
        env,
        ready: /"connection open"/,
        logFile: logFile(),
        mark,
      });
    },
    functions: () => {
      const logFile = numbered('functions');
      const env = {
        RELAY_SENDERS: senderId,
        RELAY_TOPIC_PREFIX: '',
        RELAY_API_KEYS: apiKeys(),
        TOKEN_HASH_KEY: tokenHashKey,
        TOKEN_HASH_KEY_PREVIOUS: 'none',
        ...environment,
      };
      const args = [
        '--enable-source-maps',
        '--import',
        join(import.meta.dirname, 'existing-subscriptions.ts'),
        join(ROOT, 'dev/stack/functions-host.ts'),
        join(ROOT, 'functions/dist/index.js'),
        String(ports.api),
      ];
      return () => ({ name: 'functions', args, env, ready: /^functions ready/m, logFile: logFile(), mark });
    },
  };
}

const apiKeys = (): string =>
  JSON.stringify([
    { name: 'chaos', sha256: createHash('sha256').update(DEVELOPMENT.apiKey).digest('hex'), can: ['send', 'read'] },
  ]);

/** The Java process itself: the Firebase CLI above it must go on, it pings its emulators. */
function isEmulator(pid: number, which: Emulator): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return /java[^\0]*\0/.test(command) && command.includes(`${which}-emulator`);
  } catch {
    return false; // it has gone meanwhile, or this is no Linux
  }
}
