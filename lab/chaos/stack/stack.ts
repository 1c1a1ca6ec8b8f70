import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { EmulatorControl } from '../../../fcm-emulator/client.ts';
import { startEmulators } from '../../../dev/stack/emulators/emulators.ts';
import { startTcpProxy, type TcpProxy } from '../../../dev/stack/emulators/tcp-proxy.ts';
import { withoutRetryPolicy } from '../../../dev/stack/emulators/without-retry-policy.ts';
import { startFcmEmulatorProcess, type FcmEmulatorProcess } from '../../../dev/stack/fcm-emulator.ts';
import { apiUrl, FUNCTIONS_READY, functionsEnvironment, functionsSpec } from '../../../dev/stack/functions.ts';
import { LOCAL } from '../../../dev/stack/local-defaults.ts';
import { choosePorts, type Ports } from '../../../dev/stack/ports.ts';
import type { Processes } from '../../../dev/stack/process/processes.ts';
import type { ProcessSpec } from '../../../dev/stack/process/running-process.ts';
import { relayApi, warmUp } from '../../../dev/stack/relay-api.ts';
import { WORKER_LOG, workerEnvironment, workerSpec } from '../../../dev/stack/worker.ts';
import { provision } from '../../../relay/adapters/pubsub/provision.ts';
import { topology } from '../../../relay/adapters/pubsub/topology.ts';
import { SupervisedProcess } from './supervised-process.ts';

const LATENCY_MS = '10-40'; // without it, no message would be pending when a kill comes
const LEAST_HISTORY = 200_000; // FCM's upstream memory tells a repeated ack from a foreign one: it must span the run
const READY_WITHIN_MS = 60_000; // under load, with both cores busy

/** Of each worker. */
export const CONNECTIONS = 2;
export const PENDING_LIMIT = 100;

export type Emulator = 'firestore' | 'pubsub';

export interface StackOptions {
  readonly messages: number;
  readonly seed: string;
  readonly portBase: number | undefined;
}

/** Everything that runs. */
export interface Stack {
  readonly api: string;
  readonly fcm: EmulatorControl;
  readonly workers: readonly SupervisedProcess[];
  readonly functions: SupervisedProcess;
  /** Workers and functions reach the emulators only through these. */
  readonly proxies: Readonly<Record<Emulator, TcpProxy>>;
  /** The processes of an emulator, to be frozen. */
  emulatorPids(which: Emulator): number[];
  /** Closes what runs in this process. */
  close(): void;
}

/** Starts the emulators and creates the topics; `startRelay` starts the rest, once the observer listens. */
export async function startStack(processes: Processes, options: StackOptions): Promise<Stack> {
  const ports = await choosePorts(options.portBase);
  const [fcm] = await Promise.all([
    startFcm(processes, ports, options),
    startEmulators(processes, ports, { patchPubSub: true }),
  ]);
  const client = new PubSub({ projectId: LOCAL.projectId });
  await provision(client, withoutRetryPolicy(topology([LOCAL.senderId])));
  await client.close();
  const [firestore, pubsub] = await Promise.all([startTcpProxy(ports.firestore), startTcpProxy(ports.pubsub)]);
  const proxied = { FIRESTORE_EMULATOR_HOST: firestore.address, PUBSUB_EMULATOR_HOST: pubsub.address };
  const supervised = (name: string, spec: ProcessSpec, ready: RegExp): SupervisedProcess => {
    let starts = 0;
    return new SupervisedProcess(name, async () => {
      const started = processes.launch(spec, `${name}-${(starts += 1)}`);
      await started.becomesReady({ ready, readyWithinMs: READY_WITHIN_MS });
      return started;
    });
  };
  const worker = (name: string): SupervisedProcess =>
    supervised(name, workerSpec({ ...workerSettings(fcm), ...proxied }, name), new RegExp(`"${WORKER_LOG.connected}"`));
  const functions = functionsSpec(ports, { ...functionsSettings(), ...proxied }, ['--no-retry-policy']);
  return {
    api: apiUrl(ports),
    fcm: new EmulatorControl(fcm.controlUrl),
    workers: ['worker-a', 'worker-b'].map(worker),
    functions: supervised('functions', functions, FUNCTIONS_READY),
    proxies: { firestore, pubsub },
    emulatorPids: (which) => processes.pids().filter((pid) => isEmulator(pid, which)),
    close: () => [firestore, pubsub].forEach((proxy) => proxy.close()),
  };
}

export async function startRelay({ api, workers, functions }: Stack): Promise<void> {
  await Promise.all([...workers, functions].map((one) => one.start()));
  await warmUp(relayApi(api, LOCAL.apiKey));
}

const startFcm = (
  processes: Processes,
  ports: Ports,
  { messages, seed }: StackOptions,
): Promise<FcmEmulatorProcess> => {
  const history = String(Math.max(LEAST_HISTORY, 3 * messages));
  return startFcmEmulatorProcess(processes, {
    senderId: LOCAL.senderId,
    serverKey: LOCAL.serverKey,
    ports: { xmpp: ports.ccs, control: ports.ccsControl },
    certificateFolder: join(processes.folder, 'fcm-emulator'),
    flags: ['--latency', LATENCY_MS, '--seed', seed, '--history', history],
  });
};

const workerSettings = (fcm: FcmEmulatorProcess): Readonly<Record<string, string>> => ({
  ...workerEnvironment({ ...LOCAL, fcm }),
  FCM_CONNECTIONS: String(CONNECTIONS),
  FCM_PENDING_LIMIT: String(PENDING_LIMIT),
});

const functionsSettings = (): Readonly<Record<string, string>> =>
  functionsEnvironment({
    senderIds: [LOCAL.senderId],
    apiKeys: [{ name: 'chaos', key: LOCAL.apiKey, can: ['send', 'read'] }],
    tokenHashKey: LOCAL.tokenHashKey,
  });

/** The Java process itself: the Firebase CLI above it must go on, since it pings its emulators. */
function isEmulator(pid: number, which: Emulator): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return /java[^\0]*\0/.test(command) && command.includes(`${which}-emulator`);
  } catch {
    return false; // it has ended, or this is not Linux
  }
}
