/**
 * The steps between a caller and CCS by themselves: one at a time, at idle, with the official libraries. One document
 * created, one message published, the same message delivered to a waiting streaming pull, one document read, one
 * message acked by CCS.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Firestore } from '@google-cloud/firestore';
import { PubSub, type Message } from '@google-cloud/pubsub';
import { client, xml, type Element } from '@xmpp/client';
import { jobOf, messageOf } from '../load-job.ts';
import { usage } from '../meter.ts';
import type { Done } from '../progress.ts';
import { SENDER } from '../sender.ts';
import { percentile } from '../statistics.ts';

export interface AloneJob {
  readonly host: string;
  readonly port: number;
  readonly projectId: string;
  readonly topic: string;
  readonly subscription: string;
  /** Of each step, uncounted. */
  readonly warmUp: number;
  /** Of each step. */
  readonly samples: number;
}

/** Medians in ms, and the 99th percentile of the delivery: the tail of the emulator itself. */
export type Steps = Readonly<Record<'create' | 'publish' | 'deliver' | 'deliverP99' | 'read' | 'roundTrip', number>>;

export interface AloneDone extends Done {
  readonly steps: Steps;
}

// The emulator seems to poll every 50 ms: a message published right after the last delivery would always wait longest.
const PAUSE_AT_MOST_MS = 100;

const NS_GCM = 'google:mobile:data';

const job = jobOf() as AloneJob;
const { warmUp, samples } = job;
const firestore = new Firestore({ projectId: job.projectId });
const documents = firestore.collection(`senders/${SENDER.id}/messages`);
const pubsub = new PubSub({ projectId: job.projectId });
const topic = pubsub.topic(job.topic, { batching: { maxMessages: 1 } });
const subscription = pubsub.subscription(job.subscription);
const xmpp = client({
  service: `xmpps://${job.host}:${job.port}`,
  domain: SENDER.domain,
  timeout: 10_000,
  credentials: (authenticate) =>
    authenticate({ username: `${SENDER.id}@${SENDER.domain}`, password: SENDER.key }, 'PLAIN'),
});

/** Durations without the warm-up, in ms. */
async function times(step: (n: number) => Promise<number>): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let n = 0; n < warmUp + samples; n++) tookMs.push(await step(n));
  return tookMs.slice(warmUp);
}

const median = async (step: (n: number) => Promise<number>): Promise<number> => percentile(await times(step), 0.5);

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await act();
  return performance.now() - startMs;
}

const now = new Date();
const record = {
  state: 'acked',
  target: { kind: 'token', hash: 'a'.repeat(43) },
  priority: 'normal',
  time_to_live: 3_600,
  attempts: 0,
  owner: 'key:bench',
  content_hash: 'b'.repeat(43),
  created_at: now,
  updated_at: now,
  expire_at: now,
};
const document = (n: number) => documents.doc(`bench-${n}`);

let arrived: () => void = () => undefined;
subscription.on('message', (message: Message) => {
  message.ack();
  arrived();
});
let acked: () => void = () => undefined;
xmpp.on('stanza', () => acked());

/** Publishes at a random moment. Both times start with the call: until Pub/Sub has it, and until the pull has it. */
async function publish(n: number): Promise<{ readonly publishMs: number; readonly deliverMs: number }> {
  await wait(Math.random() * PAUSE_AT_MOST_MS);
  const data = Buffer.from(JSON.stringify(messageOf(n)));
  const delivery = new Promise<void>((resolve) => (arrived = resolve));
  const [publishMs, deliverMs] = await Promise.all([
    timed(() => topic.publishMessage({ data })),
    timed(() => delivery),
  ]);
  return { publishMs, deliverMs };
}

function roundTrip(n: number): Promise<number> {
  const message = messageOf(n);
  const stanza: Element = xml(
    'message',
    { id: message.message_id },
    xml('gcm', { xmlns: NS_GCM }, JSON.stringify(message)),
  );
  const answer = new Promise<void>((resolve) => (acked = resolve));
  return timed(() => Promise.all([xmpp.sendMany([stanza]), answer]));
}

await xmpp.start();
const startMs = performance.now();
const startCpuMicros = usage().cpuMicros;
const publishedMs: number[] = [];
const create = await median((n) => timed(() => document(n).create(record)));
const read = await median((n) => timed(() => document(n).get()));
const deliveredMs = await times(async (n) => {
  const { publishMs, deliverMs } = await publish(n);
  publishedMs.push(publishMs);
  return deliverMs;
});
const steps: Steps = {
  create,
  read,
  deliver: percentile(deliveredMs, 0.5),
  deliverP99: percentile(deliveredMs, 0.99),
  publish: percentile(publishedMs.slice(warmUp), 0.5),
  roundTrip: await median(roundTrip),
};
const seconds = (performance.now() - startMs) / 1_000;
const { cpuMicros, peakRssBytes } = usage();
await subscription.close();
process.send?.(
  {
    kind: 'done',
    messages: warmUp + samples,
    seconds,
    cpuMicros: cpuMicros - startCpuMicros,
    peakRssBytes,
    steps,
  } satisfies AloneDone,
  () => process.exit(0),
);
