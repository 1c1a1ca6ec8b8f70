/**
 * The library alone, as fast as it goes: `@xmpp/client` with a counter for a window, filling it in one write
 * (`sendMany`). It reads, records, publishes and retries nothing.
 */
import { client, xml, type Element } from '@xmpp/client';
import { Progress } from '../progress.ts';
import { SENDER } from '../sender.ts';
import { jobOf, messageOf, numberOf, type LoadJob } from '../load-job.ts';

const NS_GCM = 'google:mobile:data';
const PATIENCE_MS = 10_000;

const job = jobOf() as LoadJob;
const progress = new Progress(job);

async function connect(): Promise<void> {
  const xmpp = client({
    service: `xmpps://${job.host}:${job.port}`,
    domain: SENDER.domain,
    timeout: PATIENCE_MS,
    credentials: (authenticate) =>
      authenticate({ username: `${SENDER.id}@${SENDER.domain}`, password: SENDER.key }, 'PLAIN'),
  });
  let pending = 0;
  let filling = false;
  const fill = (): void => {
    filling = false;
    const elements: Element[] = [];
    while (pending < job.pendingLimit) {
      const n = progress.take();
      if (n === undefined) break;
      const message = messageOf(n);
      elements.push(xml('message', { id: message.message_id }, xml('gcm', { xmlns: NS_GCM }, JSON.stringify(message))));
      pending += 1;
    }
    if (elements.length > 0) void xmpp.sendMany(elements);
  };
  xmpp.on('error', (error) => {
    throw error;
  });
  xmpp.on('stanza', (stanza: Element) => {
    const json = stanza.getChild('gcm', NS_GCM)?.getText();
    if (json === undefined) return;
    const { message_type: type, message_id: id } = JSON.parse(json) as Record<string, string>;
    if (type !== 'ack' || id === undefined) throw new Error(`not an ack: ${json}`);
    pending -= 1;
    progress.ended(numberOf(id));
    if (filling) return;
    filling = true;
    queueMicrotask(fill); // one write after all answers of one chunk
  });
  await xmpp.start();
  fill();
}

await Promise.all(Array.from({ length: job.connections }, connect));
await progress.finished;
process.exit(0);
