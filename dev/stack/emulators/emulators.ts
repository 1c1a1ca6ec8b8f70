import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutProxy } from '../../../relay/adapters/no-proxy.ts';
import { LOCAL } from '../local-defaults.ts';
import { HOST, type Ports } from '../ports.ts';
import type { Processes } from '../process/processes.ts';
import { PROGRAMS, ROOT } from '../programs.ts';
import { emulatorBinaries } from './binaries.ts';
import { patchedPubSub } from './pubsub-patch.ts';

/** The environment in which a client finds the emulators. */
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

const emulatorEnvironment = (ports: Ports): EmulatorEnvironment => ({
  GOOGLE_CLOUD_PROJECT: LOCAL.projectId,
  METADATA_SERVER_DETECTION: 'none', // saves each process a lookup that fails
  PUBSUB_EMULATOR_HOST: `${HOST}:${ports.pubsub}`,
  FIRESTORE_EMULATOR_HOST: `${HOST}:${ports.firestore}`,
  FIREBASE_AUTH_EMULATOR_HOST: `${HOST}:${ports.auth}`,
  ...withoutProxy(process.env),
});

/**
 * Starts the Firebase emulators by the Firebase CLI. From then on this process, and each one that it starts, finds them
 * in its environment.
 *
 * Auth gets a CLI of its own: it needs seconds of CPU time before it listens, and one CLI starts one after the other.
 * @param patchPubSub needed wherever a subscriber may be killed, see `patchedPubSub`
 * @throws StartError
 */
export async function startEmulators(
  processes: Processes,
  ports: Ports,
  { patchPubSub = false } = {},
): Promise<EmulatorEnvironment> {
  const environment = emulatorEnvironment(ports);
  Object.assign(process.env, environment);
  await symlink(join(ROOT, 'firestore.rules'), join(processes.folder, 'firestore.rules'));
  const binaries = await emulatorBinaries(processes.folder);
  const patch = patchPubSub ? await patchedPubSub(processes.folder, binaries) : {};
  await Promise.all([
    runCli(processes, ports, {
      name: 'emulators',
      services: ['firestore', 'pubsub'],
      hub: ports.hub,
      logging: ports.logging,
      env: { ...binaries, ...patch },
    }),
    runCli(processes, ports, {
      name: 'auth emulator',
      services: ['auth'],
      hub: ports.authHub,
      logging: ports.authLogging,
      env: {},
    }),
  ]);
  return environment;
}

interface Cli {
  readonly name: string;
  readonly services: readonly string[];
  readonly hub: number;
  readonly logging: number;
  readonly env: NodeJS.ProcessEnv;
}

const READY_WITHIN_MS = 180_000; // the first run on a machine may download the emulators

async function runCli(processes: Processes, ports: Ports, cli: Cli): Promise<void> {
  const { name, services, env } = cli;
  const config = join(processes.folder, `${name.replaceAll(' ', '-')}.json`);
  await writeFile(config, await configuration(ports, cli));
  const cwd = join(processes.logFolder, name.replaceAll(' ', '-')); // the CLI writes its debug logs here
  await mkdir(cwd, { recursive: true });
  await processes.run({
    name,
    args: [
      PROGRAMS.firebaseCli,
      'emulators:start',
      '--project',
      LOCAL.projectId,
      '--config',
      config,
      '--only',
      services.join(','),
    ],
    cwd,
    env: {
      ...env,
      NO_COLOR: '1',
      npm_config_offline: 'true', // or it looks for updates
    },
    ready: /All emulators ready/,
    hopeless: /Could not start|Fatal error/m,
    readyWithinMs: READY_WITHIN_MS,
  });
}

/** Our firebase.json with the ports of this run. Paths in it are relative to the folder that it is in. */
async function configuration(ports: Ports, { hub, logging }: Pick<Cli, 'hub' | 'logging'>): Promise<string> {
  const { firestore } = JSON.parse(await readFile(join(ROOT, 'firebase.json'), 'utf8')) as Record<'firestore', unknown>;
  const at = (port: number) => ({ host: HOST, port });
  return JSON.stringify(
    {
      firestore,
      emulators: {
        singleProjectMode: true,
        ui: { enabled: false },
        hub: at(hub),
        logging: at(logging),
        firestore: { ...at(ports.firestore), websocketPort: ports.firestoreWebsocket },
        pubsub: at(ports.pubsub),
        auth: at(ports.auth),
      },
    },
    null,
    2,
  );
}
