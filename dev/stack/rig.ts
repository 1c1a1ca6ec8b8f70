import type { PubSub } from '@google-cloud/pubsub';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startFcmEmulator, type FcmEmulator, type FcmEmulatorOptions } from '../../fcm-emulator/index.ts';
import { startTcpRelay, type TcpRelay } from './tcp-relay.ts';
import { withoutRetryPolicy } from './without-retry-policy.ts';
import { openFirestore } from '../../relay/adapters/firestore/client.ts';
import { FirestoreMessages } from '../../relay/adapters/firestore/messages.ts';
import { openPubSub } from '../../relay/adapters/pubsub/client.ts';
import { pubSubEvents } from '../../relay/adapters/pubsub/events.ts';
import { provision } from '../../relay/adapters/pubsub/provision.ts';
import { pubSubQueue } from '../../relay/adapters/pubsub/queue.ts';
import { topicNames, topology } from '../../relay/adapters/pubsub/topology.ts';
import { acceptor, type Acceptance } from '../../relay/service/accept/accept.ts';
import { cancel, type Cancellation } from '../../relay/service/settle/cancel.ts';
import { isTerminal, type MessageRecord } from '../../relay/model/record.ts';
import { queueSigner } from '../../relay/model/signer.ts';
import { keyedHash } from '../../relay/model/token-hash.ts';
import { parseDownstream } from '../../relay/protocol/legacy/parse-downstream.ts';
import { engines, namespace } from './engines.ts';
import { EventLog } from './event-log.ts';
import { until } from './until.ts';
import { WorkerProcess } from './worker-process.ts';

export const HASH_KEY = 'a-test-token-hash-key';
const READ_AT_ONCE = 500;
const DIRECTORY = join(import.meta.dirname, '../../.local/fcm-emulator');

const TRIES = 20;

/** A careful caller: what was not taken is handed in again, after the time that was named. */
async function accepted(handIn: () => Promise<Acceptance>): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    const acceptance = await handIn();
    if (acceptance.outcome === 'accepted' || (acceptance.outcome === 'repeated' && left < TRIES)) return;
    if (acceptance.outcome !== 'unavailable' || left === 1)
      throw new Error(`a test's own request was not accepted: ${acceptance.outcome}`, { cause: acceptance });
    await wait(acceptance.retryAfterSeconds * 1_000);
  }
}

/** A request as a caller would write it. */
export type Request = Readonly<Record<string, unknown>>;

export interface RigOptions {
  readonly ccs?: FcmEmulatorOptions;
  /** Environment of the worker, beside what it needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** The worker will be killed: see `startTcpRelay`. */
  readonly killed?: boolean;
  /** Start no worker yet: `startWorker` does. */
  readonly idle?: boolean;
  /** Messages will wait for more than 30 s: see `withoutRetryPolicy`. */
  readonly longWaits?: boolean;
}

/**
 * A relay of its own on the shared emulators: topics under a prefix, a sender id, a CCS emulator in this process, and
 * the worker as the process that production runs. Requests go in through the core's own intake.
 */
export class Rig {
  readonly senderId: string;
  readonly ccs: FcmEmulator;
  readonly events: EventLog;
  readonly names: ReturnType<typeof topicNames>;
  readonly pubsub: PubSub;
  readonly messages: FirestoreMessages;
  readonly workers: WorkerProcess[] = [];
  readonly #prefix: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #clients: { close(): Promise<void> }[];
  readonly #ports;
  readonly #relay: TcpRelay | undefined;

  private constructor(parts: {
    senderId: string;
    prefix: string;
    ccs: FcmEmulator;
    env: Readonly<Record<string, string>>;
    relay: TcpRelay | undefined;
  }) {
    this.#relay = parts.relay;
    const { projectId } = engines();
    const firestore = openFirestore({ projectId });
    const pubsub = openPubSub({ projectId });
    this.senderId = parts.senderId;
    this.#prefix = parts.prefix;
    this.#env = parts.env;
    this.ccs = parts.ccs;
    this.names = topicNames(parts.prefix);
    this.pubsub = pubsub.pubsub;
    this.messages = new FirestoreMessages(firestore.gateway);
    this.events = new EventLog(this.pubsub, this.names);
    this.#clients = [pubsub, firestore];
    this.#ports = {
      store: this.messages,
      queue: pubSubQueue(pubsub.publisher, this.names, queueSigner({ current: HASH_KEY })),
      events: pubSubEvents(pubsub.publisher, this.names),
      hash: keyedHash(HASH_KEY),
      now: Date.now,
      random: Math.random,
      wait: (ms: number) => wait(ms),
    };
  }

  static async start({
    ccs = {},
    env = {},
    idle = false,
    killed = false,
    longWaits = false,
  }: RigOptions = {}): Promise<Rig> {
    const { senderId, topicPrefix: prefix } = namespace();
    const emulator = await startFcmEmulator({ senders: { [senderId]: 'server-key' }, directory: DIRECTORY, ...ccs });
    const relay = killed ? await startTcpRelay(Number(engines().pubsubHost.split(':')[1])) : undefined;
    const rig = new Rig({
      senderId,
      prefix,
      ccs: emulator,
      env: { ...(relay && { PUBSUB_EMULATOR_HOST: relay.address }), ...env },
      relay,
    });
    const topics = topology([senderId], prefix);
    await provision(rig.pubsub, longWaits ? withoutRetryPolicy(topics) : topics);
    await rig.events.subscribe();
    if (!idle) await rig.startWorker();
    return rig;
  }

  /** Resolves when it is connected. */
  async startWorker(env: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    const worker = this.beginWorker(env);
    await worker.ready();
    return worker;
  }

  beginWorker(env: Readonly<Record<string, string>> = {}): WorkerProcess {
    const worker = new WorkerProcess({
      GOOGLE_CLOUD_PROJECT: engines().projectId,
      FCM_SENDER_ID: this.senderId,
      FCM_SERVER_KEY: 'server-key',
      FCM_XMPP_URL: `xmpps://127.0.0.1:${this.ccs.port}`,
      NODE_EXTRA_CA_CERTS: this.ccs.caPath,
      RELAY_TOPIC_PREFIX: this.#prefix,
      TOKEN_HASH_KEY: HASH_KEY,
      PORT: '0',
      ...this.#env,
      ...env,
    });
    this.workers.push(worker);
    return worker;
  }

  get worker(): WorkerProcess {
    const worker = this.workers.at(-1);
    if (worker === undefined) throw new Error('no worker was started');
    return worker;
  }

  /** Hands requests in, as the functions do. @returns their message ids */
  async accept(requests: readonly Request[]): Promise<string[]> {
    const take = acceptor(this.#ports, { owner: 'key:test' });
    return Promise.all(
      requests.map(async (request) => {
        const parsed = parseDownstream(request, { senders: [this.senderId], newMessageId: () => crypto.randomUUID() });
        if (!parsed.ok) throw new Error(`a test's own request is bad: ${JSON.stringify(parsed.errors)}`);
        await accepted(() => take(parsed.value));
        return parsed.value.message.message_id;
      }),
    );
  }

  cancel(messageId: string): Promise<Cancellation> {
    return cancel(this.#ports, { senderId: this.senderId, messageId });
  }

  async record(messageId: string): Promise<MessageRecord | undefined> {
    return (await this.messages.read({ senderId: this.senderId, messageId }))?.record;
  }

  /** The records of these messages once every one has settled. */
  async settled(messageIds: readonly string[], withinMs = 60_000): Promise<MessageRecord[]> {
    const settled: MessageRecord[] = [];
    let open: string | undefined;
    await until(
      async () => {
        while (settled.length < messageIds.length) {
          // some hundreds at a time, and none of them twice once they have settled
          const ids = messageIds.slice(settled.length, settled.length + READ_AT_ONCE);
          const records = await Promise.all(ids.map((id) => this.record(id)));
          open = ids.find((_, at) => records[at] === undefined || !isTerminal(records[at].state));
          if (open !== undefined) return false;
          settled.push(...records.filter((record) => record !== undefined));
        }
        return true;
      },
      {
        withinMs,
        everyMs: Math.min(500, 20 + messageIds.length),
        what: () => `${open ?? ''}, of ${messageIds.length} messages, has not settled; ${settled.length} or more have`,
      },
    );
    return settled;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.events.close();
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.ccs.close();
    this.#relay?.close();
  }
}
