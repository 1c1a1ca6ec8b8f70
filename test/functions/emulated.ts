import { engines } from '../../dev/stack/engines.ts';
import { call } from './call.ts';

/** The emulators, spoken to without an SDK: what the functions wrote is looked at from outside. */
const { projectId, pubsubHost, firestoreHost, authHost } = engines();
const PUBSUB = `http://${pubsubHost}/v1/projects/${projectId}`;
const DOCUMENTS = `http://${firestoreHost}/v1/projects/${projectId}/databases/(default)/documents`;
const OWNER = { authorization: 'Bearer owner', 'content-type': 'application/json' };

async function json(
  method: string,
  url: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await call(method, url, { headers: OWNER, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (answer.status >= 300 && answer.status !== 404)
    throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
  return { status: answer.status, body: answer.body };
}

export interface Pulled {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
}

interface PullAnswer {
  readonly receivedMessages?: readonly {
    readonly ackId: string;
    readonly message: { readonly data?: string; readonly attributes?: Record<string, string> };
  }[];
}

/** A topic, and what was published to it since the last look. */
export interface Watched {
  pull(): Promise<readonly Pulled[]>;
  /** A further subscription, of the topic's name with this behind it. */
  subscribe(suffix: string): Promise<void>;
}

export async function watch(topic: string): Promise<Watched> {
  await json('PUT', `${PUBSUB}/topics/${topic}`, {});
  await json('PUT', `${PUBSUB}/subscriptions/${topic}-watch`, { topic: `projects/${projectId}/topics/${topic}` });
  const pullSome = async (): Promise<readonly Pulled[]> => {
    const { body } = await json('POST', `${PUBSUB}/subscriptions/${topic}-watch:pull`, {
      maxMessages: 1000,
      returnImmediately: true,
    });
    const received = (body as PullAnswer).receivedMessages ?? [];
    if (received.length > 0)
      await json('POST', `${PUBSUB}/subscriptions/${topic}-watch:acknowledge`, {
        ackIds: received.map(({ ackId }) => ackId),
      });
    return received.map(({ message }) => ({
      data: Buffer.from(message.data ?? '', 'base64'),
      attributes: message.attributes ?? {},
    }));
  };
  return {
    pull: async () => {
      const all: Pulled[] = [];
      for (let some = await pullSome(); some.length > 0; some = await pullSome()) all.push(...some);
      return all;
    },
    subscribe: async (suffix) => {
      await json('PUT', `${PUBSUB}/subscriptions/${topic}${suffix}`, {
        topic: `projects/${projectId}/topics/${topic}`,
      });
    },
  };
}

const pathOf = (senderId: string, messageId: string): string =>
  `${DOCUMENTS}/senders/${senderId}/messages/${encodeURIComponent(messageId)}`;

/** A document's fields in plain JSON; `undefined` when there is none. */
export async function document(
  senderId: string,
  messageId: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { status, body } = await json('GET', pathOf(senderId, messageId));
  const { fields } = body as { readonly fields: Readonly<Record<string, object>> };
  return status === 404
    ? undefined
    : Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}

/** Changes fields of a document, as the worker would. */
export async function change(
  senderId: string,
  messageId: string,
  fields: Readonly<Record<string, object>>,
): Promise<void> {
  const mask = Object.keys(fields)
    .map((name) => `updateMask.fieldPaths=${name}`)
    .join('&');
  await json('PATCH', `${pathOf(senderId, messageId)}?${mask}`, { fields });
}

/** How many documents a sender has. */
export async function documentCount(senderId: string): Promise<number> {
  const { body } = await json('POST', `${DOCUMENTS}/senders/${senderId}:runAggregationQuery`, {
    structuredAggregationQuery: {
      structuredQuery: { from: [{ collectionId: 'messages' }] },
      aggregations: [{ alias: 'n', count: {} }],
    },
  });
  return Number((body as CountAnswer)[0]?.result.aggregateFields.n.integerValue);
}
type CountAnswer = readonly {
  readonly result: { readonly aggregateFields: { readonly n: { readonly integerValue: string } } };
}[];

function plain(value: object): unknown {
  const [kind, inside] = Object.entries(value)[0] ?? [];
  if (kind === 'integerValue') return Number(inside);
  if (kind === 'mapValue')
    return Object.fromEntries(
      Object.entries((inside as { fields?: object }).fields ?? {}).map(([name, item]) => [name, plain(item as object)]),
    );
  return inside;
}

const ACCOUNTS = `http://${authHost}/identitytoolkit.googleapis.com/v1`;

/** A signed-in user with this claim `relay`. */
export async function user(relay: unknown): Promise<{ readonly uid: string; readonly idToken: string }> {
  const account = {
    email: `${Math.random().toString(36).slice(2)}@example.com`,
    password: 'a password',
    returnSecureToken: true,
  };
  const { localId: uid } = (await json('POST', `${ACCOUNTS}/accounts:signUp?key=any`, account)).body as {
    readonly localId: string;
  };
  if (relay !== undefined) {
    await json('POST', `${ACCOUNTS}/projects/${projectId}/accounts:update`, {
      localId: uid,
      customAttributes: JSON.stringify({ relay }),
    });
  }
  const signedIn = await json('POST', `${ACCOUNTS}/accounts:signInWithPassword?key=any`, account);
  return { uid, idToken: (signedIn.body as { readonly idToken: string }).idToken };
}
