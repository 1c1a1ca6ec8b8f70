#!/usr/bin/env node
/** `npm run provision`: see `--help`. */
import { PubSub } from '@google-cloud/pubsub';
import { deadLetterGrants, plan, provision, type Change } from '../relay/adapters/pubsub/provision.ts';
import { topology, type Topology } from '../relay/adapters/pubsub/topology.ts';
import { withoutProxy } from '../relay/adapters/no-proxy.ts';
import { flag, text, UsageError } from './cli/option.ts';
import type { Command, Values } from './cli/parse.ts';
import { runCommand } from './cli/run-command.ts';

const OPTIONS = {
  project: text('P', 'project id', { defaultText: 'GOOGLE_CLOUD_PROJECT' }),
  senders: text('A,B', 'sender ids', { defaultText: 'RELAY_SENDERS, or FCM_SENDER_ID' }),
  prefix: text('X', 'put before every name', { defaultText: 'RELAY_TOPIC_PREFIX, or none' }),
  'dry-run': flag('print what would be done, and change nothing'),
};

const COMMAND: Command<typeof OPTIONS> = {
  name: 'npm run provision --',
  about: `Creates the topics, subscriptions and policies of FCM Relay that are missing, and corrects those that differ.
      It never deletes anything and can be run again at any time.`,
  options: OPTIONS,
  notes: `With PUBSUB_EMULATOR_HOST set, it works on the emulator, otherwise on Google Cloud with your application
      default credentials.`,
};

interface Settings {
  readonly project: string;
  readonly dryRun: boolean;
  readonly wanted: Topology;
}

/** @throws UsageError */
function settings(values: Values<typeof OPTIONS>, environment: NodeJS.ProcessEnv): Settings {
  const project = values.project ?? environment['GOOGLE_CLOUD_PROJECT'] ?? '';
  const senders = (values.senders ?? environment['RELAY_SENDERS'] ?? environment['FCM_SENDER_ID'] ?? '')
    .split(',')
    .filter((id) => id !== '');
  const prefix = values.prefix ?? environment['RELAY_TOPIC_PREFIX'] ?? '';
  const missing = [
    ...(project === '' ? ['no project: pass --project or set GOOGLE_CLOUD_PROJECT'] : []),
    ...(senders.length === 0 ? ['no sender ids: pass --senders or set RELAY_SENDERS'] : []),
  ];
  if (missing.length > 0) throw new UsageError(missing.join('\n'));
  try {
    const ids = senders.map((id) => id.trim());
    return { project, dryRun: values['dry-run'], wanted: topology(ids, prefix) };
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/** @returns the exit code */
async function main({ project, dryRun, wanted }: Settings): Promise<number> {
  const pubsub = new PubSub({ projectId: project });
  try {
    const changes = await (dryRun ? plan(pubsub, wanted) : provision(pubsub, wanted));
    report(changes, wanted, dryRun);
    if (!pubsub.isEmulator) reportGrants(project, wanted);
  } finally {
    await pubsub.close();
  }
  return 0;
}

function report(changes: readonly Change[], wanted: Topology, dryRun: boolean): void {
  for (const { action, kind, name, fields } of changes) {
    const details = fields.length > 0 ? `  (${fields.join(', ')})` : '';
    console.log(`${dryRun ? 'would ' : ''}${action.padEnd(8)}${kind.padEnd(13)}${name}${details}`);
  }
  const all = wanted.topics.length + wanted.subscriptions.length;
  console.log(`${all - changes.length} of ${all} topics and subscriptions ${dryRun ? 'are' : 'were'} up to date.`);
}

function reportGrants(project: string, wanted: Topology): void {
  console.log("\nOnce per project: allow Pub/Sub's service agent to forward to the dead-letter topic.\n");
  for (const command of deadLetterGrants(project, wanted)) console.log(`  ${command}`);
}

Object.assign(process.env, withoutProxy(process.env)); // the emulator is on this machine
try {
  process.exitCode = await runCommand(COMMAND, ({ values }) => main(settings(values, process.env)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
