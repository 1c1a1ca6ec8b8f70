import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Message, PubSub, Subscription } from '@google-cloud/pubsub';
import { EmulatorControl } from '../../../fcm-emulator/client.ts';
import { expectStatus, type RelayApi } from '../relay-api.ts';
import { printStep } from './terminal.ts';

export interface Around {
  readonly api: RelayApi;
  /** Of our FCM emulator. Without it, no device can be made to send. */
  readonly controlUrl: string | undefined;
  readonly pubsub: PubSub;
  /** `fcm-upstream`, with its prefix. */
  readonly upstreamTopic: string;
}

interface MessageView {
  readonly state: string;
  readonly error?: string;
  readonly settled_at?: string;
}

const DEVICE = 'first-device';
const GIVE_UP_MS = 30_000;
const POLL_MS = 20;

/**
 * One round trip, shown in the terminal: a message to a device and its state, a message from the device and its event.
 * Rejects if a step takes longer than 30 s.
 */
export async function sendFirstMessage({ api, controlUrl, pubsub, upstreamTopic }: Around): Promise<void> {
  const control = controlUrl === undefined ? undefined : new EmulatorControl(controlUrl);
  await down(api, control);
  if (control !== undefined) await up(control, pubsub, upstreamTopic);
}

async function down(api: RelayApi, control: EmulatorControl | undefined): Promise<void> {
  const startedAt = Date.now();
  const message = { to: DEVICE, notification: { title: 'Hello from FCM Relay' } };
  const accepted = await expectStatus(202, api.call('POST', '/v1/messages', message));
  const { message_id: id, href } = accepted as { readonly message_id: string; readonly href: string };
  printStep('accepted', Date.now() - startedAt, `202: ${id} is stored`);
  if (control !== undefined) {
    const { at } = await eventually(`FCM to receive ${id}`, async () =>
      (await control.messages({ messageId: id })).at(-1),
    );
    printStep('sent', at - startedAt, `over XMPP to FCM, for ${DEVICE}`);
  }
  const { state, error, settled } = await eventually(`${id} to be settled`, async () =>
    settledView((await expectStatus(200, api.call('GET', href))) as unknown as MessageView),
  );
  printStep(state, settled - startedAt, error ?? 'its final state, in Firestore');
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
    const event = `${attributes['ce-type'] ?? 'an event'} on ${topic}: ${data.toString()}`;
    printStep('upstream', Date.now() - startedAt, event);
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
  return inTime('the event of the upstream message', message);
}

async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + GIVE_UP_MS;
  for (let found = await look(); ; found = await look()) {
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${GIVE_UP_MS / 1_000} s for ${what}`);
    await wait(POLL_MS);
  }
}

async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = wait(GIVE_UP_MS, undefined, { signal: limit.signal }).then(() =>
    Promise.reject(new Error(`waited ${GIVE_UP_MS / 1_000} s for ${what}`)),
  );
  late.catch(() => undefined); // it also rejects when the work was faster
  return Promise.race([work, late]).finally(() => limit.abort());
}
