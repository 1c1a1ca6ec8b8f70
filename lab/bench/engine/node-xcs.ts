/** node-xcs from npm, the one Node client for CCS that people install, with the window that it leaves to its user. */
import util from 'node:util';
import xcs from 'node-xcs';
import { Progress } from '../progress.ts';
import { SENDER } from '../sender.ts';
import { jobOf, messageOf, numberOf, type LoadJob } from '../load-job.ts';

// It needs functions that Node 23 removed from node:util.
Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isNumber: (value: unknown) => typeof value === 'number',
  isBoolean: (value: unknown) => typeof value === 'boolean',
});

const job = jobOf() as LoadJob;
const progress = new Progress(job);
xcs.Constants.FCM_SEND_ENDPOINT = job.host;
xcs.Constants.FCM_SEND_PRODUCTION_PORT = job.port;

async function connect(): Promise<void> {
  const sender = new xcs.Sender(SENDER.id, SENDER.key);
  for (const event of ['error', 'message-error']) {
    sender.on(event, (error) => {
      throw error instanceof Error ? error : new Error(String(error));
    });
  }
  const connected = new Promise<void>((resolve) => sender.on('connected', () => resolve()));
  start(sender);
  await connected;
  const sendNext = (): void => {
    const n = progress.take();
    if (n === undefined) return;
    const { message_id: id, to, data, priority, time_to_live: ttlSeconds } = messageOf(n);
    const message = new xcs.Message(id).priority(priority).timeToLive(ttlSeconds);
    for (const [key, value] of Object.entries(data)) message.addData(key, value);
    sender.sendNoRetry(message.build(), to, (result) => {
      if (result.getMessageType() !== 'ack') throw new Error(`${id} was refused`);
      progress.ended(numberOf(result.getMessageId()));
      sendNext();
    });
  };
  for (let n = 0; n < job.pendingLimit; n++) sendNext();
}

function start(sender: InstanceType<typeof xcs.Sender>): void {
  try {
    sender.start();
  } catch (error) {
    // By then it is connecting; the call of setTimeout on a TLS socket is one that this @xmpp/client does not have.
    if (!String(error).includes('setTimeout is not a function')) throw error;
  }
}

await Promise.all(Array.from({ length: job.connections }, connect));
await progress.finished;
process.exit(0);
