#!/usr/bin/env node
/** `npm start`: the whole relay on this machine (design.md, Running it). */
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { provision } from '../../relay/adapters/pubsub/provision.ts';
import { topicNames, topology } from '../../relay/adapters/pubsub/topology.ts';
import { bundleAll } from '../build/bundle.ts';
import { startCcs } from './ccs.ts';
import { DEVELOPMENT } from '../../ops/development.ts';
import { emulatorEnvironment, startEmulators } from './emulators.ts';
import { sendFirstMessage } from './first-message.ts';
import { apiUrl, startFunctions } from './functions.ts';
import { reasonOf } from './http.ts';
import { choosePorts } from './ports.ts';
import { Processes } from './processes.ts';
import { HELP, startOptions, type StartOptions } from './start-options.ts';
import { Steps } from './terminal.ts';
import { whatToTry } from './what-to-try.ts';
import { startWorker, workerUrl } from './worker.ts';

const ROOT = join(import.meta.dirname, '../..');
const USUAL_PORT_BASE = 8_100;

async function bringUp(processes: Processes, steps: Steps, options: StartOptions) {
  const { senderId, topicPrefix } = options;
  const ports = await choosePorts(options.portBase, USUAL_PORT_BASE);
  const [api, worker, env] = [apiUrl(ports), workerUrl(ports), emulatorEnvironment(ports)];
  Object.assign(process.env, env); // for our own clients, and for every process that is started below

  await steps.run(
    'build',
    () => bundleAll(ROOT),
    (bundles) => bundles.map(({ file }) => file).join(', '),
  );
  const [ccs] = await Promise.all([
    steps.run(
      'CCS',
      () => startCcs(processes, ROOT, ports, options),
      ({ address }) => address,
    ),
    steps.run(
      'emulators',
      () => startEmulators(processes, { root: ROOT, ports }),
      () =>
        `Pub/Sub ${env.PUBSUB_EMULATOR_HOST}, Firestore ${env.FIRESTORE_EMULATOR_HOST}, Auth ${env.FIREBASE_AUTH_EMULATOR_HOST}`,
    ),
  ]);
  const pubsub = new PubSub({ projectId: DEVELOPMENT.projectId });
  await steps.run(
    'topics',
    () => provision(pubsub, topology([senderId], topicPrefix)),
    (changes) => `${changes.length} created or corrected`,
  );
  await Promise.all([
    steps.run(
      'worker',
      () => startWorker(processes, ROOT, ports, { ...options, ccs }),
      () => worker,
    ),
    steps.run(
      'functions',
      () => startFunctions(processes, ROOT, ports, options),
      () => api,
    ),
  ]);
  const addresses = `api=${api} pubsub=${env.PUBSUB_EMULATOR_HOST} firestore=${env.FIRESTORE_EMULATOR_HOST} worker=${worker} ccs=${ccs.address}`;
  console.log(`ready ${addresses} key=${DEVELOPMENT.apiKey}`); // for programs too: design.md fixes it
  return {
    api,
    worker,
    pubsub,
    auth: env.FIREBASE_AUTH_EMULATOR_HOST,
    environment: {
      GOOGLE_CLOUD_PROJECT: env.GOOGLE_CLOUD_PROJECT,
      PUBSUB_EMULATOR_HOST: env.PUBSUB_EMULATOR_HOST,
      FIRESTORE_EMULATOR_HOST: env.FIRESTORE_EMULATOR_HOST,
      ...(topicPrefix !== '' && { RELAY_TOPIC_PREFIX: topicPrefix }),
    },
    controlUrl: ccs.controlUrl,
    logs: processes.logFolder,
  };
}

async function introduce(stack: Awaited<ReturnType<typeof bringUp>>, { topicPrefix }: StartOptions): Promise<void> {
  try {
    await sendFirstMessage({ ...stack, upstreamTopic: topicNames(topicPrefix).upstream });
  } catch (error) {
    console.error(`The first message did not get through: ${reasonOf(error)}`); // the stack stays up, to find out why
  }
  console.log(whatToTry(stack));
}

/** Runs until a signal (exit code 0), or until a part cannot start or ends (1). */
async function run(options: StartOptions): Promise<number> {
  const processes = new Processes(join(ROOT, '.local'), 'start');
  const steps = new Steps();
  const interrupted = signalled();
  const ended = Promise.race([processes.died, interrupted]);
  try {
    const up = bringUp(processes, steps, options).then((stack) =>
      options.quiet ? undefined : introduce(stack, options),
    );
    const reason = await Promise.race([up.then(() => ended), ended]);
    steps.end();
    if (reason !== undefined) console.error(reason);
    return reason === undefined ? 0 : 1;
  } catch (error) {
    steps.end();
    console.error(reasonOf(error));
    return 1;
  } finally {
    await processes.stop();
  }
}

const SAME_SIGNAL_MS = 1_000; // npm passes on the Ctrl-C that the terminal has sent us already

/** Resolves at the first Ctrl-C or SIGTERM. At a later one nothing is waited for any more: the guardian cleans up. */
function signalled(): Promise<undefined> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        firstAt ??= Date.now();
        if (Date.now() - firstAt > SAME_SIGNAL_MS) process.exit(1);
        resolve(undefined);
      });
    }
  });
}

try {
  const options = startOptions(process.argv.slice(2), process.env);
  if (options === undefined) console.log(HELP);
  else process.exit(await run(options)); // clients of ours may still hold a connection
} catch (error) {
  console.error(reasonOf(error));
  console.error('See npm start -- --help');
  process.exit(2);
}
