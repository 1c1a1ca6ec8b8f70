#!/usr/bin/env node
/** `npm run volume`: see `--help`. */
import { Firestore } from '@google-cloud/firestore';
import { PubSub } from '@google-cloud/pubsub';
import { setTimeout as wait } from 'node:timers/promises';
import { LOCAL } from '../../dev/stack/local-defaults.ts';
import { StackProcess } from '../../dev/stack/stack-process.ts';
import { whole } from '../../ops/cli/option.ts';
import { runCommand } from '../../ops/cli/run-command.ts';

const BATCH = 500;
const QUIET_LIMIT_MS = 120_000; // without progress for this long, it has failed

const COMMAND = {
  name: 'npm run volume --',
  about: `Sends messages by HTTPS batches, and as many through the topic fcm-downstream-requests, on the whole local
      stack. Passes (exit status 0) if all of them are acked, CCS received each once, and no connection ever had
      more than 100 pending.`,
  options: { messages: whole('N', 'each way', { min: 1, default: 10_000 }) },
};

const seconds = (sinceMs: number): string => `${((Date.now() - sinceMs) / 1_000).toFixed(1)} s`;
const message = (name: string, n: number): object => ({
  message_id: `${name}-${n}`,
  to: `device-token-${n % 1_000}`,
  priority: n % 10 === 0 ? 'high' : 'normal',
  data: { n: String(n) },
});

async function byHttps(stack: StackProcess, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const messages = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) => message('https', from + n));
    const { status } = await stack.call('POST', '/v1/messages', { messages });
    if (status !== 202) throw new Error(`a batch was answered ${status}`);
  }
}

async function byPubSub(pubsub: PubSub, count: number): Promise<void> {
  const topic = pubsub.topic('fcm-downstream-requests', { batching: { maxMessages: 500, maxMilliseconds: 10 } });
  await Promise.all(Array.from({ length: count }, (_, n) => topic.publishMessage({ json: message('pubsub', n) })));
}

/** Waits for as long as the number of acked documents grows. */
async function acked(firestore: Firestore, count: number): Promise<number> {
  const query = firestore.collection(`senders/${LOCAL.senderId}/messages`).where('state', '==', 'acked').count();
  for (let last = 0, lastMs = Date.now(); ;) {
    const now = (await query.get()).data().count;
    if (now >= 2 * count || Date.now() - lastMs > QUIET_LIMIT_MS) return now;
    if (now > last) [last, lastMs] = [now, Date.now()];
    console.log(`                     ${now} acked`);
    await wait(5_000);
  }
}

/** @returns the exit code */
async function volume(count: number): Promise<number> {
  const stack = await StackProcess.start();
  try {
    process.env['METADATA_SERVER_DETECTION'] = 'none';
    process.env['PUBSUB_EMULATOR_HOST'] = stack.pubsubHost;
    process.env['FIRESTORE_EMULATOR_HOST'] = stack.firestoreHost;
    return (await sendAll(stack, count)) ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

async function sendAll(stack: StackProcess, count: number): Promise<boolean> {
  const { projectId } = LOCAL;
  const [pubsub, firestore] = [new PubSub({ projectId }), new Firestore({ projectId })];
  const before = await stack.ccs.stats();
  const startMs = Date.now();
  await Promise.all([
    byHttps(stack, count).then(() => console.log(`submitted by HTTPS   ${count} in ${seconds(startMs)}`)),
    byPubSub(pubsub, count).then(() => console.log(`submitted by Pub/Sub ${count} in ${seconds(startMs)}`)),
  ]);
  const done = await acked(firestore, count);
  console.log(`acked in Firestore   ${done} of ${2 * count} after ${seconds(startMs)}`);
  const counts = Object.values(await stack.ccs.messageCounts());
  const once = counts.filter(({ received }) => received === 1).length;
  const { connections, process: after } = await stack.ccs.stats();
  const { highestPending } = connections;
  const cpuPercent = (100 * (after.cpuMs - before.process.cpuMs)) / (Date.now() - startMs);
  console.log(`CCS received         ${counts.length} ids, ${once} of them once`);
  console.log(`highest pending      ${highestPending}`);
  console.log(`CCS emulator's CPU   ${cpuPercent.toFixed(1)} % of one core`);
  const passed = done === 2 * count && counts.length === 2 * count && once === counts.length && highestPending <= 100;
  console.log(passed ? 'passed' : 'FAILED');
  await Promise.all([pubsub.close(), firestore.terminate()]);
  return passed;
}

process.exitCode = await runCommand(COMMAND, ({ values }) => volume(values.messages));
