#!/usr/bin/env node
/** `npm run provision`: the topics, subscriptions and policies of design.md, on the emulator or in a project. */
import { parseArgs } from 'node:util';
import { PubSub } from '@google-cloud/pubsub';
import { deadLetterGrants, plan, provision, type Change } from '../relay/adapters/pubsub/provision.ts';
import { topology, type Topology } from '../relay/adapters/pubsub/topology.ts';
import { withoutProxy } from '../relay/adapters/no-proxy.ts';

const HELP = `Creates what is missing of the topics, subscriptions and policies of FCM Relay, and corrects what differs.
It never deletes anything and can be run again at any time.

usage: npm run provision -- [options]

  --project P      project id                  (default: GOOGLE_CLOUD_PROJECT)
  --senders A,B    sender ids                  (default: RELAY_SENDERS, then FCM_SENDER_ID)
  --prefix X       put before every name       (default: RELAY_TOPIC_PREFIX, then none)
  --dry-run        say what would be done, do nothing
  --help           this text

With PUBSUB_EMULATOR_HOST set it works on the emulator, otherwise on Google Cloud with your application default credentials.`;

const OPTIONS = {
  project: { type: 'string' },
  senders: { type: 'string' },
  prefix: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

class UsageError extends Error {}

function settings(environment: NodeJS.ProcessEnv) {
  const { values } = parseArgs({ options: OPTIONS });
  const project = values.project ?? environment['GOOGLE_CLOUD_PROJECT'];
  const senders = (values.senders ?? environment['RELAY_SENDERS'] ?? environment['FCM_SENDER_ID'] ?? '')
    .split(',')
    .filter((id) => id !== '');
  const prefix = values.prefix ?? environment['RELAY_TOPIC_PREFIX'] ?? '';
  if (values.help) return undefined;
  const missing = [
    ...(project === undefined || project === '' ? ['no project: pass --project or set GOOGLE_CLOUD_PROJECT'] : []),
    ...(senders.length === 0 ? ['no sender ids: pass --senders or set RELAY_SENDERS'] : []),
  ];
  if (project === undefined || missing.length > 0) throw new UsageError(missing.join('\n'));
  return {
    project,
    dryRun: values['dry-run'],
    wanted: topology(
      senders.map((id) => id.trim()),
      prefix,
    ),
  };
}

async function main(): Promise<void> {
  const chosen = settings(process.env);
  if (chosen === undefined) {
    console.log(HELP);
    return;
  }
  const { project, dryRun, wanted } = chosen;
  const pubsub = new PubSub({ projectId: project });
  try {
    const changes = await (dryRun ? plan(pubsub, wanted) : provision(pubsub, wanted));
    report(changes, wanted, dryRun);
    if (!pubsub.isEmulator) reportGrants(project, wanted);
  } finally {
    await pubsub.close();
  }
}

function report(changes: readonly Change[], wanted: Topology, dryRun: boolean): void {
  for (const { action, kind, name, fields } of changes) {
    console.log(
      `${dryRun ? 'would ' : ''}${action.padEnd(8)}${kind.padEnd(13)}${name}${fields.length > 0 ? `  (${fields.join(', ')})` : ''}`,
    );
  }
  const all = wanted.topics.length + wanted.subscriptions.length;
  console.log(
    `${all - changes.length} of ${all} topics and subscriptions ${dryRun ? 'are' : 'were'} as they should be.`,
  );
}

function reportGrants(project: string, wanted: Topology): void {
  console.log("\nOnce per project, Pub/Sub's own service agent needs the right to forward to the dead-letter topic:\n");
  for (const command of deadLetterGrants(project, wanted)) console.log(`  ${command}`);
}

Object.assign(process.env, withoutProxy(process.env)); // the emulator is on this machine
try {
  await main();
} catch (error) {
  const usage =
    error instanceof UsageError || error instanceof RangeError || (error instanceof TypeError && 'code' in error);
  console.error(error instanceof Error ? error.message : error);
  if (usage) console.error('See npm run provision -- --help');
  process.exitCode = usage ? 2 : 1;
}
