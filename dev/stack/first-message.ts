import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Message, PubSub, Subscription } from '@google-cloud/pubsub';
import { EmulatorControl } from '../../fcm-emulator/client.ts';
import { post, stateOf, type MessageView } from './relay-api.ts';
import { shown } from './terminal.ts';

/**
 * Once around the relay, in the terminal: a message to a device and its fate, a message from the device and its event.
 */
export interface Around {
  readonly api: string;
  /** Of our CCS emulator. Without it nobody can make a device speak. */
  readonly controlUrl: string | undefined;
  readonly pubsub: PubSub;
  /** `fcm-upstream`, with its prefix. */
  readonly upstreamTopic: string;
}

const DEVICE = 'first-device';
const GIVE_UP_MS = 30_000;
const LOOK_AGAIN_MS = 20;

/** Rejects when something does not come within 30 s. */
export async function sendFirstMessage({ api, controlUrl, pubsub, upstreamTopic }: Around): Promise<void> {
  const control = controlUrl === undefined ? undefined : new EmulatorControl(controlUrl);
  await down(api, control);
  if (control !== undefined) await up(control, pubsub, upstreamTopic);
}

async function down(api: string, control: EmulatorControl | undefined): Promise<void> {
  const startedAt = Date.now();
  const { message_id: id, href } = await post(api, { to: DEVICE, notification: { title: 'Hello from FCM Relay' } });
  shown('accepted', Date.now() - startedAt, `202: ${id} is stored and will be answered for`);
  if (control !== undefined) {
    const { at } = await eventually(`CCS to get ${id}`, async () => (await control.messages({ messageId: id })).at(-1));
    shown('sent', at - startedAt, `over XMPP to CCS, for ${DEVICE}`);
  }
  const { state, error, settled } = await eventually(`${id} to be settled`, async () =>
    settledView(await stateOf(api, href)),
  );
  shown(state, settled - startedAt, error ?? 'that is its state in Firestore, for good');
}

const settledView = ({ settled_at: settledAt, ...view }: MessageView) =>
  settledAt === undefined ? undefined : { ...view, settled: Date.parse(settledAt) };

async function up(control: EmulatorControl, pubsub: PubSub, topic: string): Promise<void> {
  const [subscription] = await pubsub.topic(topic).createSubscription(`${topic}-first-${randomUUID()}`);
  try {
    const arrived = next(subscription);
    const startedAt = Date.now();
    await control.upstream({ from: DEVICE, data: { text: 'Hello from a device' } });
    const { attributes, data } = await arrived;
    shown('upstream', Date.now() - startedAt, `${attributes['ce-type'] ?? 'an event'} on ${topic}: ${data.toString()}`);
  } finally {
    subscription.removeAllListeners('message');
    await subscription.close();
    await subscription.delete();
  }
}

function next(subscription: Subscription): Promise<Message> {
  const message = new Promise<Message>((resolve, reject) => {
    subscription.once('error', reject).once('message', (first: Message) => {
      first.ack();
      resolve(first);
    });
  });
  return inTime('an event for the upstream message', message);
}

async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + GIVE_UP_MS;
  for (let found = await look(); ; found = await look()) {
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${GIVE_UP_MS / 1000} s in vain for ${what}`);
    await wait(LOOK_AGAIN_MS);
  }
}

async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = wait(GIVE_UP_MS, undefined, { signal: limit.signal }).then(() =>
    Promise.reject(new Error(`waited ${GIVE_UP_MS / 1000} s in vain for ${what}`)),
  );
  late.catch(() => undefined); // also when the work was faster
  return Promise.race([work, late]).finally(() => limit.abort());
}
