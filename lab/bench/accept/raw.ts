/**
 * The least that every message costs: its document and its queue message, by the client libraries as documented. The
 * documents of a call are one commit; then it publishes, batched like the relay. It parses, checks, hashes and answers
 * nothing, and cannot tell a repeat from a conflict.
 */
import { Firestore } from '@google-cloud/firestore';
import { PubSub } from '@google-cloud/pubsub';
import { callsAtOnce } from '../at-once.ts';
import { jobOf, messageId } from '../load-job.ts';
import { usage } from '../meter.ts';
import type { Warm } from '../progress.ts';
import { SENDER } from '../sender.ts';
import { callTimes, numbersOf } from './calls.ts';
import type { RawJob } from './raw-job.ts';
import { documentOf, queuedOf } from './raw-message.ts';
import type { RawDone } from './raw-turn.ts';

const job = jobOf() as RawJob;
const { projectId, inOne, atOnce, warmUp, messages } = job;
const firestore = new Firestore({ projectId });
const documents = firestore.collection(`senders/${SENDER.id}/messages`);
const topic = new PubSub({ projectId }).topic(job.topic, {
  batching: { maxMessages: 500, maxBytes: 1_000_000, maxMilliseconds: 5 },
});

async function call(at: number): Promise<void> {
  const numbers = numbersOf(at, job);
  const nowMs = Date.now();
  const batch = firestore.batch();
  for (const n of numbers) batch.create(documents.doc(messageId(n)), documentOf(n, nowMs));
  await batch.commit();
  await Promise.all(numbers.map((n) => topic.publishMessage(queuedOf(n, nowMs))));
}

const before = warmUp / inOne;
await callsAtOnce(before, atOnce, call);
process.send?.({ kind: 'warm' } satisfies Warm);
const startCpuMicros = usage().cpuMicros;
const startMs = performance.now();
const tookMs = await callsAtOnce(messages / inOne, atOnce, (n) => call(before + n));
const seconds = (performance.now() - startMs) / 1_000;
const { cpuMicros, peakRssBytes } = usage();
process.send?.(
  {
    kind: 'done',
    messages,
    seconds,
    cpuMicros: cpuMicros - startCpuMicros,
    peakRssBytes,
    extra: callTimes(tookMs),
  } satisfies RawDone,
  () => process.exit(0),
);
