import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emulatorBinaries } from './emulator-binaries.ts';
import { DEVELOPMENT } from '../../ops/development.ts';
import { withoutProxy } from '../../relay/adapters/no-proxy.ts';
import { HOST, type Ports } from './ports.ts';
import type { Processes } from './processes.ts';

/**
 * The Firebase emulators, through the Firebase CLI. Auth gets a CLI of its own beside the other one: it needs seconds
 * of processor time before it listens, in which a shared one could start nothing else.
 */
export interface EmulatorOptions {
  readonly root: string;
  readonly ports: Ports;
}

/** What a client needs in its environment to find them. */
export type EmulatorEnvironment = Readonly<
  Record<
    | 'GOOGLE_CLOUD_PROJECT'
    | 'METADATA_SERVER_DETECTION'
    | 'PUBSUB_EMULATOR_HOST'
    | 'FIRESTORE_EMULATOR_HOST'
    | 'FIREBASE_AUTH_EMULATOR_HOST',
    string
  >
> &
  ReturnType<typeof withoutProxy>;

export const emulatorEnvironment = (ports: Ports): EmulatorEnvironment => ({
  GOOGLE_CLOUD_PROJECT: DEVELOPMENT.projectId,
  METADATA_SERVER_DETECTION: 'none', // spares every process a look-up that fails
  PUBSUB_EMULATOR_HOST: `${HOST}:${ports.pubsub}`,
  FIRESTORE_EMULATOR_HOST: `${HOST}:${ports.firestore}`,
  FIREBASE_AUTH_EMULATOR_HOST: `${HOST}:${ports.auth}`,
  ...withoutProxy(process.env),
});

/** Resolves when all of them answer. Rejects with StartError. */
export async function startEmulators(processes: Processes, options: EmulatorOptions): Promise<void> {
  const { ports, root } = options;
  await symlink(join(root, 'firestore.rules'), join(processes.folder, 'firestore.rules'));
  const binaries = await emulatorBinaries(processes.folder);
  await Promise.all([
    cli(processes, options, {
      name: 'emulators',
      services: ['firestore', 'pubsub'],
      hub: ports.hub,
      logging: ports.logging,
      env: { ...binaries, ...emulatorEnvironment(ports) },
    }),
    cli(processes, options, {
      name: 'auth emulator',
      services: ['auth'],
      hub: ports.authHub,
      logging: ports.authLogging,
      env: {},
    }),
  ]);
}

interface Cli {
  readonly name: string;
  readonly services: readonly string[];
  readonly hub: number;
  readonly logging: number;
  readonly env: NodeJS.ProcessEnv;
}

const READY_WITHIN_MS = 180_000; // the first run on a machine may have to download the emulators

async function cli(
  processes: Processes,
  { root, ports }: EmulatorOptions,
  { name, services, hub, logging, env }: Cli,
): Promise<void> {
  const config = join(processes.folder, `${name.replaceAll(' ', '-')}.json`);
  await writeFile(config, await configuration(root, ports, { hub, logging }));
  const cwd = join(processes.logFolder, name.replaceAll(' ', '-')); // the CLI writes its debug logs where it stands
  await mkdir(cwd, { recursive: true });
  await processes.run({
    name,
    command: process.execPath,
    args: [
      join(root, 'node_modules/firebase-tools/lib/bin/firebase.js'),
      'emulators:start',
      '--project',
      DEVELOPMENT.projectId,
      '--config',
      config,
      '--only',
      services.join(','),
    ],
    cwd,
    env: {
      ...env,
      NO_COLOR: '1',
      npm_config_offline: 'true', // or it asks the registry for news
    },
    ready: /All emulators ready/,
    hopeless: /Could not start|Fatal error/m,
    readyWithinMs: READY_WITHIN_MS,
  });
}

/** Our firebase.json with the ports of this run. The CLI takes all paths in it from the folder that it lies in. */
async function configuration(root: string, ports: Ports, own: { hub: number; logging: number }): Promise<string> {
  const { firestore } = JSON.parse(await readFile(join(root, 'firebase.json'), 'utf8')) as Record<'firestore', unknown>;
  const at = (port: number) => ({ host: HOST, port });
  return JSON.stringify(
    {
      firestore,
      emulators: {
        singleProjectMode: true,
        ui: { enabled: false },
        hub: at(own.hub),
        logging: at(own.logging),
        firestore: { ...at(ports.firestore), websocketPort: ports.firestoreWebsocket },
        pubsub: at(ports.pubsub),
        auth: at(ports.auth),
      },
    },
    null,
    2,
  );
}
