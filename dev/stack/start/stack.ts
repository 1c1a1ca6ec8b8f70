import { PubSub } from '@google-cloud/pubsub';
import { provision } from '../../../relay/adapters/pubsub/provision.ts';
import { topology } from '../../../relay/adapters/pubsub/topology.ts';
import { join } from 'node:path';
import { bundleAll } from '../../build/bundle.ts';
import { startEmulators, type EmulatorEnvironment } from '../emulators/emulators.ts';
import { startFcmEmulatorProcess, type FcmEmulatorProcess } from '../fcm-emulator.ts';
import { apiUrl, FUNCTIONS_READY, functionsEnvironment, functionsSpec } from '../functions.ts';
import { untilOk } from '../http.ts';
import { LOCAL } from '../local-defaults.ts';
import { choosePorts, HOST, type Ports } from '../ports.ts';
import type { Processes } from '../process/processes.ts';
import { ROOT } from '../programs.ts';
import { relayApi, warmUp, type RelayApi } from '../relay-api.ts';
import { workerEnvironment, workerSpec } from '../worker.ts';
import type { StartOptions } from './options.ts';
import type { Steps } from './terminal.ts';

const USUAL_PORT_BASE = 8_100;
const EX_CONFIG = 78; // worker/index.ts: its environment is wrong

/** What is up. */
export interface Stack {
  readonly apiUrl: string;
  readonly api: RelayApi;
  readonly worker: string;
  readonly pubsub: PubSub;
  readonly emulators: EmulatorEnvironment;
  readonly topicPrefix: string;
  /** Remote control of our FCM emulator; absent where another server is used. */
  readonly controlUrl: string | undefined;
  readonly logs: string;
}

/** Starts everything, with a line in the terminal for each part. @throws StartError, PortsTakenError */
export async function startStack(processes: Processes, steps: Steps, options: StartOptions): Promise<Stack> {
  const { senderId, topicPrefix } = options;
  const ports = await choosePorts(options.portBase, USUAL_PORT_BASE);
  await steps.run(
    'build',
    () => bundleAll(ROOT),
    (bundles) => bundles.map(({ file }) => file).join(', '),
  );
  const [fcm, emulators] = await Promise.all([
    startFcm(processes, steps, { ports, options }),
    steps.run('emulators', () => startEmulators(processes, ports, { patchPubSub: true }), describeEmulators),
  ]);
  const pubsub = new PubSub({ projectId: LOCAL.projectId });
  await steps.run(
    'topics',
    () => provision(pubsub, topology([senderId], topicPrefix)),
    (changes) => `${changes.length} created or corrected`,
  );
  const [worker, api] = [`http://${HOST}:${ports.worker}`, relayApi(apiUrl(ports), LOCAL.apiKey)];
  await Promise.all([
    steps.run(
      'worker',
      () => runWorker(processes, { ports, options, fcm }),
      () => worker,
    ),
    steps.run(
      'functions',
      () => runFunctions(processes, { ports, options, api }),
      () => apiUrl(ports),
    ),
  ]);
  // A contract (design.md, Running it): programs read this line too.
  console.log(
    [
      `ready api=${apiUrl(ports)}`,
      `pubsub=${emulators.PUBSUB_EMULATOR_HOST}`,
      `firestore=${emulators.FIRESTORE_EMULATOR_HOST}`,
      `worker=${worker}`,
      `ccs=${fcm?.address ?? options.fcmUrl?.host ?? ''}`,
      `key=${LOCAL.apiKey}`,
    ].join(' '),
  );
  const controlUrl = fcm?.controlUrl;
  return { apiUrl: apiUrl(ports), api, worker, pubsub, emulators, topicPrefix, controlUrl, logs: processes.logFolder };
}

const describeEmulators = (emulators: EmulatorEnvironment): string =>
  [
    `Pub/Sub ${emulators.PUBSUB_EMULATOR_HOST}`,
    `Firestore ${emulators.FIRESTORE_EMULATOR_HOST}`,
    `Auth ${emulators.FIREBASE_AUTH_EMULATOR_HOST}`,
  ].join(', ');

interface Around {
  readonly ports: Ports;
  readonly options: StartOptions;
}

/** Our FCM emulator; `undefined` where the options name another server. */
async function startFcm(
  processes: Processes,
  steps: Steps,
  { ports, options }: Around,
): Promise<FcmEmulatorProcess | undefined> {
  if (options.fcmUrl !== undefined) return undefined;
  const { senderId, serverKey } = options;
  const start = (): Promise<FcmEmulatorProcess> =>
    startFcmEmulatorProcess(processes, {
      senderId,
      serverKey,
      ports: { xmpp: ports.ccs, control: ports.ccsControl },
      certificateFolder: join(processes.folder, 'fcm-emulator'),
    });
  return steps.run('FCM emulator', start, ({ address }) => address);
}

/** Resolves when the worker has an open connection to FCM. */
async function runWorker(
  processes: Processes,
  { ports, options, fcm }: Around & { readonly fcm: FcmEmulatorProcess | undefined },
): Promise<void> {
  const env = workerEnvironment({ ...options, tokenHashKey: LOCAL.tokenHashKey, fcm, port: ports.worker });
  await processes.run({
    ...workerSpec(env),
    ready: (signal) => untilOk(`http://${HOST}:${ports.worker}/readyz`, signal),
    readyWithinMs: 30_000,
    graceMs: 10_000, // guarantee 5
    restart: { unlessCode: EX_CONFIG, say: (line) => console.log(line) },
  });
}

/** Resolves when the API has reached Firestore and every trigger is connected. */
async function runFunctions(
  processes: Processes,
  { ports, options, api }: Around & { readonly api: RelayApi },
): Promise<void> {
  const env = functionsEnvironment({
    senderIds: [options.senderId],
    topicPrefix: options.topicPrefix,
    apiKeys: [{ name: 'local-dev', key: LOCAL.apiKey, can: ['send', 'read'] }],
    tokenHashKey: LOCAL.tokenHashKey,
  });
  const spec = functionsSpec(ports, env);
  await processes.run({ ...spec, ready: FUNCTIONS_READY, readyWithinMs: 60_000, graceMs: 2_000 });
  await warmUp(api);
}
