/**
 * Our engine: the worker's pump and the relay machine on the XMPP adapter, configured as worker/compose.ts does, with
 * memory in place of Firestore and Pub/Sub. A message has ended when its lease is acked: read, sent, answered,
 * settled, announced.
 */
import type { PulledMessage } from '../../../relay/adapters/pubsub/lane-source.ts';
import { xmppTransport } from '../../../relay/adapters/xmpp/link.ts';
import { DEFAULTS, relayConfig } from '../../../relay/machine/turn/config.ts';
import { Relay } from '../../../relay/machine/relay.ts';
import { keyedHash } from '../../../relay/model/token-hash.ts';
import { Pump } from '../../../worker/pump.ts';
import { soon } from '../../../worker/platform/soon.ts';
import { wakeAfter } from '../../../worker/platform/wake-after.ts';
import { Progress } from '../progress.ts';
import { SENDER } from '../sender.ts';
import { jobOf, messageOf, type LoadJob } from '../load-job.ts';
import { MemoryDeliveries } from './memory-deliveries.ts';

const job = jobOf() as LoadJob;
const { connections, pendingLimit } = job;
const progress = new Progress(job);
const messages = new MemoryDeliveries();
const fail = (error: unknown): never => {
  throw error;
};

let announced = 0;
const transport = xmppTransport({
  url: `xmpps://${job.host}:${job.port}`,
  domain: SENDER.domain,
  senderId: SENDER.id,
  serverKey: SENDER.key,
});
const limits = relayConfig({
  senderId: SENDER.id,
  traits: transport.traits,
  connections,
  pendingLimit,
  silenceLimitMs: DEFAULTS.silenceLimitMs,
});
const pump = new Pump({
  relay: new Relay(limits, { random: Math.random, hash: keyedHash('bench') }),
  senderId: SENDER.id,
  messages,
  registrations: { mark: () => Promise.reject(new Error('no token dies here')) },
  events: {
    publish: () => {
      announced += 1;
      return Promise.resolve();
    },
  },
  deadLetter: () => Promise.reject(new Error('no message is given up here')),
  pulls: { pause: () => fail(new Error('CCS is away')), resume: () => undefined },
  connect: transport.connect,
  observe: () => undefined,
  now: Date.now,
  soon,
  wakeAfter,
  onDefect: (error) => setImmediate(() => fail(error)),
});

const NO_DATA = Buffer.alloc(0);
let held = 0;

/** As the worker's lane source: no more than the hold limit at once, the next one when a lease is acked. */
function pull(): void {
  while (held < limits.holdLimit) {
    const n = progress.take();
    if (n === undefined) return;
    held += 1;
    const message = messageOf(n, job.devices);
    pump.pulled(leased(n, message.message_id), message.priority, {
      senderId: SENDER.id,
      acceptedAtMs: Date.now(),
      message,
    });
  }
}

const leased = (n: number, id: string): PulledMessage => ({
  id,
  data: NO_DATA,
  attributes: {},
  publishedAtMs: 0,
  deliveryAttempt: 1,
  ack: () => {
    const { state } = messages.forget(id);
    if (state !== 'acked') throw new Error(`${id} ended as ${state}`);
    held -= 1;
    progress.ended(n);
    pull();
  },
  nack: () => fail(new Error(`${id} was handed back`)),
});

pump.start();
pull();
await progress.finished;
if (announced !== progress.total) throw new Error(`${announced} events were announced`);
pump.destroy();
process.exit(0);
