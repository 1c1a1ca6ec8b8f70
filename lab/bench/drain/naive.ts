/**
 * What a good engineer writes in an afternoon: pull, send, on the ack write the document and ack the message. To be
 * fair, its flow control is as wide as the worker's hold, it fills the window in one write (`sendMany`), and BulkWriter
 * runs without its throttle (500 writes a second at first). It reads no state before a send, retries nothing, publishes
 * no events, and does not survive a nack or a lost connection.
 */
import { Firestore } from '@google-cloud/firestore';
import { PubSub, type Message } from '@google-cloud/pubsub';
import { client, xml, type Element } from '@xmpp/client';
import { jobOf } from '../load-job.ts';
import { SENDER } from '../sender.ts';
import type { DrainJob } from './drain-job.ts';

const NS_GCM = 'google:mobile:data';
const MAX_HELD = 1_000;

const job = jobOf() as DrainJob;
const documents = new Firestore({ projectId: job.projectId });
const messages = documents.collection(`senders/${SENDER.id}/messages`);
const bulk = documents.bulkWriter({ throttling: false });
const subscription = new PubSub({ projectId: job.projectId }).subscription(job.subscription, {
  flowControl: { maxMessages: MAX_HELD },
});
const xmpp = client({
  service: `xmpps://${job.host}:${job.port}`,
  domain: SENDER.domain,
  timeout: 10_000,
  credentials: (authenticate) =>
    authenticate({ username: `${SENDER.id}@${SENDER.domain}`, password: SENDER.key }, 'PLAIN'),
});

const delivered = new Set<string>(); // Pub/Sub repeats one now and then, and CCS nacks a repeated id
const waiting: Message[] = [];
const pending = new Map<string, Message>();
let acked = 0;
let filling = false;

function fillSoon(): void {
  if (filling) return;
  filling = true;
  queueMicrotask(fill);
}

function fill(): void {
  filling = false;
  const elements: Element[] = [];
  for (const queued of waiting.splice(0, job.pendingLimit - pending.size)) {
    const { message } = JSON.parse(queued.data.toString()) as { message: { message_id: string } };
    pending.set(message.message_id, queued);
    elements.push(xml('message', { id: message.message_id }, xml('gcm', { xmlns: NS_GCM }, JSON.stringify(message))));
  }
  if (elements.length > 0) void xmpp.sendMany(elements);
}

xmpp.on('stanza', (stanza: Element) => {
  const json = stanza.getChild('gcm', NS_GCM)?.getText();
  if (json === undefined) return;
  const { message_type: type, message_id: id = '' } = JSON.parse(json) as Record<string, string>;
  const queued = pending.get(id);
  if (type !== 'ack' || queued === undefined) throw new Error(`unexpected answer: ${json}`);
  pending.delete(id);
  fillSoon();
  const now = new Date();
  void bulk
    .set(messages.doc(id), { state: 'acked', attempts: 1, updated_at: now, settled_at: now }, { merge: true })
    .then(() => {
      queued.ack();
      if (++acked === job.messages) process.send?.({ kind: 'done' });
    });
});
process.once('SIGTERM', () => void subscription.close().then(() => process.exit(0)));

await xmpp.start();
subscription.on('message', (message: Message) => {
  if (delivered.has(message.id)) return message.ack();
  delivered.add(message.id);
  waiting.push(message);
  fillSoon();
});
