import type { PubSub } from '@google-cloud/pubsub';
import { setTimeout as wait } from 'node:timers/promises';
import { startFcmEmulator, type FcmEmulator, type FcmEmulatorOptions } from '../../../fcm-emulator/index.ts';
import { startTcpProxy, type TcpProxy } from '../emulators/tcp-proxy.ts';
import { withoutRetryPolicy } from '../emulators/without-retry-policy.ts';
import { openFirestore } from '../../../relay/adapters/firestore/client.ts';
import { FirestoreMessages } from '../../../relay/adapters/firestore/messages.ts';
import { openPubSub } from '../../../relay/adapters/pubsub/client.ts';
import { pubSubEvents } from '../../../relay/adapters/pubsub/events.ts';
import { provision } from '../../../relay/adapters/pubsub/provision.ts';
import { pubSubQueue } from '../../../relay/adapters/pubsub/queue.ts';
import { topicNames, topology } from '../../../relay/adapters/pubsub/topology.ts';
import { acceptor } from '../../../relay/service/accept/accept.ts';
import { cancel, type Cancellation } from '../../../relay/service/settle/cancel.ts';
import { isTerminal, type MessageRecord } from '../../../relay/model/record.ts';
import { queueSigner } from '../../../relay/model/signer.ts';
import { keyedHash } from '../../../relay/model/token-hash.ts';
import { parseDownstream } from '../../../relay/protocol/legacy/parse-downstream.ts';
import { engines, namespace } from '../engines.ts';
import { EventLog } from './event-log.ts';
import { CERTIFICATE_FOLDER } from '../programs.ts';
import { until } from '../until.ts';
import { workerEnvironment } from '../worker.ts';
import { untilAccepted } from './until-accepted.ts';
import { WorkerProcess } from './worker-process.ts';

export const HASH_KEY = 'a-test-token-hash-key';
const SERVER_KEY = 'server-key';
const READ_AT_ONCE = 500;

/** A request as a caller would write it. */
export type Request = Readonly<Record<string, unknown>>;

export interface RigOptions {
  readonly ccs?: FcmEmulatorOptions;
  /** Further environment of the workers. */
  readonly env?: Readonly<Record<string, string>>;
  /** Workers will be killed: see `startTcpProxy`. */
  readonly killed?: boolean;
  /** Start no worker yet; `startWorker` does. */
  readonly idle?: boolean;
  /** Messages will wait for more than 30 s: see `withoutRetryPolicy`. */
  readonly longWaits?: boolean;
}

/**
 * A relay of its own on shared emulators: topics under a prefix, a sender id, an FCM emulator in this process, and
 * workers as production runs them. Requests enter by the service's own `accept`, without the functions.
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
  readonly #proxy: TcpProxy | undefined;

  private constructor(parts: {
    senderId: string;
    prefix: string;
    ccs: FcmEmulator;
    env: Readonly<Record<string, string>>;
    proxy: TcpProxy | undefined;
  }) {
    this.#proxy = parts.proxy;
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
    const emulator = await startFcmEmulator({
      senders: { [senderId]: SERVER_KEY },
      directory: CERTIFICATE_FOLDER,
      ...ccs,
    });
    const proxy = killed ? await startTcpProxy(Number(engines().pubsubHost.split(':')[1])) : undefined;
    const rig = new Rig({
      senderId,
      prefix,
      ccs: emulator,
      env: { ...(proxy && { PUBSUB_EMULATOR_HOST: proxy.address }), ...env },
      proxy,
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

  /** Without waiting for its connection. */
  beginWorker(env: Readonly<Record<string, string>> = {}): WorkerProcess {
    const worker = new WorkerProcess({
      GOOGLE_CLOUD_PROJECT: engines().projectId,
      ...workerEnvironment({
        senderId: this.senderId,
        serverKey: SERVER_KEY,
        tokenHashKey: HASH_KEY,
        fcm: this.ccs,
        topicPrefix: this.#prefix,
      }),
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

  /** Submits requests, as the functions do. @returns their message ids */
  async accept(requests: readonly Request[]): Promise<string[]> {
    const take = acceptor(this.#ports, { owner: 'key:test' });
    return Promise.all(
      requests.map(async (request) => {
        const parsed = parseDownstream(request, { senders: [this.senderId], newMessageId: () => crypto.randomUUID() });
        if (!parsed.ok) throw new Error(`a request of the test is invalid: ${JSON.stringify(parsed.errors)}`);
        await untilAccepted(() => take(parsed.value));
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

  /** The records of these messages, once all of them have settled. */
  async settled(messageIds: readonly string[], withinMs = 60_000): Promise<MessageRecord[]> {
    const settled: MessageRecord[] = [];
    let open: string | undefined;
    await until(
      async () => {
        while (settled.length < messageIds.length) {
          // a few hundred at a time; those that have settled are not read again
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
        what: () => `${open ?? ''} of ${messageIds.length} messages has not settled; at least ${settled.length} have`,
      },
    );
    return settled;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.events.close();
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.ccs.close();
    this.#proxy?.close();
  }
}
