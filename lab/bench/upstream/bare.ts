/**
 * `topic.publishMessage` alone, in groups as large as the relay's, gathered for 5 ms (the relay flushes when no publish
 * is in progress), with as many messages in progress as CCS leaves unacked. It receives, checks and acks nothing.
 */
import { PubSub } from '@google-cloud/pubsub';
import { jobOf } from '../load-job.ts';
import { Progress } from '../progress.ts';
import type { BareJob } from './bare-job.ts';
import { eventOf } from './device-message.ts';

const job = jobOf() as BareJob;
const progress = new Progress(job);
const topic = new PubSub({ projectId: job.projectId }).topic(job.topic, {
  batching: { maxMessages: 500, maxBytes: 1_000_000, maxMilliseconds: 5 },
});

async function publishNext(): Promise<void> {
  for (let n = progress.take(); n !== undefined; n = progress.take()) {
    await topic.publishMessage(eventOf(n, Date.now()));
    progress.ended(n);
  }
}

for (let n = 0; n < job.outstanding; n++) void publishNext();
await progress.finished;
process.exit(0);
