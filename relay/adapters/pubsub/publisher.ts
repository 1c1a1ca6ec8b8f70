import { v1, type PubSub } from '@google-cloud/pubsub';
import { Batcher } from '../batcher.ts';

export interface Outgoing {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Publishes to any topic of the project. Resolves when Pub/Sub has the message; keeps no order. */
export interface Publisher {
  publish(topic: string, message: Outgoing): Promise<void>;
  /** Resolves when every publish so far has its result. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

// Pub/Sub allows 1000 messages or 10 MB a request.
const GROUP = { maxItems: 500, maxBytes: 1_000_000, maxInFlight: 8, lingerMs: 20 };
// The library retries transient failures for ten minutes; a waiting caller is better told after half a minute.
const CALL = {
  timeout: 15_000,
  retry: {
    backoffSettings: {
      initialRetryDelayMillis: 100,
      retryDelayMultiplier: 2,
      maxRetryDelayMillis: 5_000,
      initialRpcTimeoutMillis: 15_000,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: 15_000,
      totalTimeoutMillis: 30_000,
    },
  },
};
const INVALID_ARGUMENT = 3;

type Group = Batcher<Outgoing, undefined>;

/**
 * Uses the generated client: the library's publisher copies every request field by field, at three times the CPU a
 * message (measured: 30 against 10 µs), and rewrites the text `{{projectId}}` in any attribute.
 */
export function openPublisher(pubsub: PubSub): Publisher {
  const groups = new Map<string, Group>();
  let client: Promise<Client> | undefined;
  const connected = (): Promise<Client> =>
    (client ??= connect(pubsub).catch((error: unknown) => {
      client = undefined;
      throw error;
    }));
  const groupOf = (topic: string): Group => {
    let group = groups.get(topic);
    if (group === undefined) {
      const perform = async (messages: readonly Outgoing[]): Promise<PromiseSettledResult<undefined>[]> =>
        publishEach(await connected(), topic, messages);
      groups.set(topic, (group = new Batcher({ ...GROUP, perform, bytesOf: ({ data }) => data.length })));
    }
    return group;
  };
  const drain = async (): Promise<void> => {
    await Promise.all([...groups.values()].map((group) => group.drain()));
  };
  return {
    publish: (topic, message) => groupOf(topic).add(message),
    drain,
    close: async () => {
      await drain();
      await (await client)?.generated.close();
    },
  };
}

interface Client {
  readonly generated: InstanceType<typeof v1.PublisherClient>;
  readonly projectId: string;
}

async function connect(pubsub: PubSub): Promise<Client> {
  // Documented for this use; only its optional fields do not fit exactOptionalPropertyTypes.
  const config = (await pubsub.getClientConfig()) as ConstructorParameters<typeof v1.PublisherClient>[0];
  return { generated: new v1.PublisherClient(config), projectId: pubsub.projectId };
}

/** One invalid message makes Pub/Sub refuse the whole request: then each is sent alone, so that only that one fails. */
async function publishEach(
  client: Client,
  topic: string,
  messages: readonly Outgoing[],
): Promise<PromiseSettledResult<undefined>[]> {
  try {
    await client.generated.publish(
      { topic: `projects/${client.projectId}/topics/${topic}`, messages: [...messages] },
      CALL,
    );
    return messages.map(() => ({ status: 'fulfilled', value: undefined }));
  } catch (reason) {
    if (messages.length === 1 || (reason as { code?: unknown }).code !== INVALID_ARGUMENT)
      return messages.map(() => ({ status: 'rejected', reason }));
  }
  return (await Promise.all(messages.map((message) => publishEach(client, topic, [message])))).flat();
}
