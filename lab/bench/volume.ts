#!/usr/bin/env node
/**
 * `npm run volume -- [--messages N]`: N messages by HTTPS batches and N through `fcm-downstream-requests`, on the whole
 * local stack. Passes (exit 0) when all of them are acked, CCS got each once, and no connection ever had more than 100
 * pending.
 */
import { Firestore } from '@google-cloud/firestore';
import { PubSub } from '@google-cloud/pubsub';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LocalStack } from '../../dev/stack/local-stack.ts';

const SENDER = '1234567890';
const BATCH = 500;
const QUIET_LIMIT_MS = 120_000; // no progress for so long: it has failed

const { values } = parseArgs({ options: { messages: { type: 'string', default: '10000' } } });
const count = Number(values.messages);

const seconds = (sinceMs: number): string => `${((Date.now() - sinceMs) / 1_000).toFixed(1)} s`;
const message = (name: string, n: number): object => ({
  message_id: `${name}-${n}`,
  to: `device-token-${n % 1_000}`,
  priority: n % 10 === 0 ? 'high' : 'normal',
  data: { n: String(n) },
});

async function byHttps(stack: LocalStack): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const messages = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) => message('https', from + n));
    const { status } = await stack.call('POST', '/v1/messages', { messages });
    if (status !== 202) throw new Error(`a batch was answered ${status}`);
  }
}

async function byPubSub(pubsub: PubSub): Promise<void> {
  const topic = pubsub.topic('fcm-downstream-requests', { batching: { maxMessages: 500, maxMilliseconds: 10 } });
  await Promise.all(Array.from({ length: count }, (_, n) => topic.publishMessage({ json: message('pubsub', n) })));
}

/** Waits while the number of acked documents grows. */
async function acked(firestore: Firestore): Promise<number> {
  const query = firestore.collection(`senders/${SENDER}/messages`).where('state', '==', 'acked').count();
  for (let last = 0, lastMs = Date.now(); ;) {
    const now = (await query.get()).data().count;
    if (now >= 2 * count || Date.now() - lastMs > QUIET_LIMIT_MS) return now;
    if (now > last) [last, lastMs] = [now, Date.now()];
    console.log(`                     ${now} acked`);
    await wait(5_000);
  }
}

const stack = await LocalStack.start();
try {
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  process.env['PUBSUB_EMULATOR_HOST'] = stack.pubsubHost;
  process.env['FIRESTORE_EMULATOR_HOST'] = stack.firestoreHost;
  const [pubsub, firestore] = [new PubSub({ projectId: 'demo-relay' }), new Firestore({ projectId: 'demo-relay' })];
  const {
    process: { cpuMs: cpuBeforeMs },
  } = await stack.ccs.stats();
  const startMs = Date.now();
  await Promise.all([
    byHttps(stack).then(() => console.log(`handed in by HTTPS   ${count} in ${seconds(startMs)}`)),
    byPubSub(pubsub).then(() => console.log(`handed in by Pub/Sub ${count} in ${seconds(startMs)}`)),
  ]);
  const done = await acked(firestore);
  console.log(`acked in Firestore   ${done} of ${2 * count} after ${seconds(startMs)}`);
  const counts = Object.values(await stack.ccs.messageCounts());
  const once = counts.filter(({ received }) => received === 1).length;
  const {
    connections: { highestPending },
    process: { cpuMs },
  } = await stack.ccs.stats();
  console.log(`CCS received         ${counts.length} ids, ${once} of them once`);
  console.log(`highest pending      ${highestPending}`);
  console.log(
    `CCS emulator's CPU   ${((100 * (cpuMs - cpuBeforeMs)) / (Date.now() - startMs)).toFixed(1)} % of one core`,
  );
  const passed = done === 2 * count && counts.length === 2 * count && once === counts.length && highestPending <= 100;
  console.log(passed ? 'passed' : 'FAILED');
  process.exitCode = passed ? 0 : 1;
  await Promise.all([pubsub.close(), firestore.terminate()]);
} finally {
  await stack.stop();
}
