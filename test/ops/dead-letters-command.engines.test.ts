import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { openFirestore } from '../../relay/adapters/firestore/client.ts';
import { FirestoreMessages } from '../../relay/adapters/firestore/messages.ts';
import { openPubSub } from '../../relay/adapters/pubsub/client.ts';
import { deadLetterKeep } from '../../relay/adapters/pubsub/dead-letter-keep.ts';
import { pubSubDeadLetters } from '../../relay/adapters/pubsub/dead-letters.ts';
import { provision } from '../../relay/adapters/pubsub/provision.ts';
import { topicNames, topology } from '../../relay/adapters/pubsub/topology.ts';
import type { MessageRecord } from '../../relay/model/record.ts';
import { deadLetterSigner, queueSigner } from '../../relay/model/signer.ts';
import { keyedHash } from '../../relay/model/token-hash.ts';
import { canonicalContent } from '../../relay/protocol/legacy/content.ts';
import { decodeQueued, encodeQueued, type QueuedMessage } from '../../relay/protocol/queue/queued.ts';
import { aRecord } from '../contract/message-store.contract.ts';
import { receive } from '../contract/received.ts';
import { engines, namespace } from '../../dev/stack/engines.ts';

/** `npm run dead-letters` as a process, on the emulators. Each test has its own letters, and leaves none. */
const { senderId, topicPrefix } = namespace();
const { projectId } = engines();
const names = topicNames(topicPrefix);
const pubsub = openPubSub({ projectId });
const firestore = openFirestore({ projectId });
const store = new FirestoreMessages(firestore.gateway);
const KEY = "the key of the command's tests";
const signers = { queue: queueSigner({ current: KEY }), letter: deadLetterSigner({ current: KEY }) };
const letters = pubSubDeadLetters(pubsub.publisher, names, signers.letter);
const TOKEN = 'a-token-that-nobody-may-see';
const SECRET = 'a payload that nobody may see';

beforeAll(async () => {
  await provision(pubsub.pubsub, topology([senderId], topicPrefix));
  await pubsub.pubsub.topic(names.requests).createSubscription(`${names.requests}-test`);
}, 30_000);
afterEach(() => deadLetterKeep(pubsub.pubsub, names, signers).visit(() => Promise.resolve('done')));
afterAll(async () => {
  await pubsub.close();
  await firestore.close();
});

interface Ran {
  readonly status: number;
  readonly output: string;
}

const run = (...args: readonly string[]): Promise<Ran> => runWith({ TOKEN_HASH_KEY: KEY }, ...args);
const runWith = (keys: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(import.meta.dirname, '../../ops/dead-letters.ts'), ...args],
      { env: { ...process.env, RELAY_TOPIC_PREFIX: topicPrefix, ...keys } },
      (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });

const queued = (messageId: string, more: Partial<QueuedMessage> = {}): QueuedMessage => ({
  senderId,
  acceptedAtMs: Date.now() - 5_000,
  message: { message_id: messageId, to: TOKEN, priority: 'normal', time_to_live: 600, data: { secret: SECRET } },
  ...more,
});

/** A message dead-lettered by Pub/Sub: with the queue's attributes, and Pub/Sub's. */
const givenUp = (message: QueuedMessage, mac = signers.queue.sign(encodeQueued(message))): Promise<void> =>
  pubsub.publisher.publish(names.dead, {
    data: encodeQueued(message),
    attributes: {
      message_id: message.message.message_id,
      v: '2',
      mac,
      CloudPubSubDeadLetterSourceSubscription: names.laneSubscription(senderId, 'normal'),
      CloudPubSubDeadLetterSourceDeliveryCount: '100',
    },
  });
const poison = (text: string, reason = 'NOT_JSON'): Promise<void> =>
  letters.put({ payload: Buffer.from(text), reason, detail: 'not JSON in UTF-8', origin: names.requests, senderId });

const record = async (messageId: string): Promise<MessageRecord | undefined> =>
  (await store.read({ senderId, messageId }))?.record;
async function died(messageId: string, more: Partial<MessageRecord> = {}): Promise<void> {
  const atMs = Date.now() - 1_000;
  const contentHash = keyedHash(KEY)(canonicalContent(queued(messageId)));
  await store.create(
    { senderId, messageId },
    aRecord({
      state: 'dead',
      error: 'MAX_DELIVERY_ATTEMPTS',
      priority: 'normal',
      timeToLiveSeconds: 600,
      contentHash,
      createdAtMs: atMs,
      settledAtMs: atMs,
      ...more,
    }),
  );
}
const inLane = async (count: number): Promise<unknown[]> =>
  (await receive(pubsub.pubsub, names.laneSubscription(senderId, 'normal'), count)).map(({ data }) =>
    decodeQueued(data),
  );

test('list prints every letter, the same each time, without tokens and payloads', async () => {
  await Promise.all([givenUp(queued('one')), poison(SECRET)]);
  const first = await run('list');
  expect(first).toMatchObject({ status: 0, output: expect.stringMatching(/\bone +\d+ +MAX_DELIVERY_ATTEMPTS/) });
  expect(first.output).toMatch(new RegExp(` - +${senderId} +NOT_JSON +\\d+ s +${SECRET.length}\n`));
  expect(first.output).toContain('2 listed.');
  const again = await run('list');
  const lines = (text: string): readonly string[] =>
    text
      .replace(/\d+ s /g, '')
      .split('\n')
      .sort();
  expect(lines(again.output)).toEqual(lines(first.output));
  expect(first.output).not.toMatch(/nobody may see|nobody-may-see/);
});

test('list reads more letters than one pull returns, and can be limited', async () => {
  await Promise.all(Array.from({ length: 250 }, (_, at) => poison(`no JSON ${at}`)));
  expect((await run('list', '--limit', '1000')).output).toContain('250 listed.');
  const cut = await run('list', '--limit', '120');
  expect(cut.output).toContain('more than 120');
  expect(cut.output).toContain('120 listed.');
  expect((await run('list', '--reason', 'INVALID_REQUEST')).output).toContain('No dead letter.');
});

test('show prints everything about one letter, the payload only on request', async () => {
  await Promise.all([givenUp(queued('shown')), givenUp(queued('other'))]);
  const shown = await run('show', '--message-id', 'shown');
  expect(shown.output).toMatch(
    /message_id +shown\n.*\n?reason +MAX_DELIVERY_ATTEMPTS\ndetail +Pub\/Sub gave up after 100 delivery attempts\norigin +\S+-normal-worker\n/s,
  );
  expect(shown.output).not.toMatch(/other|nobody may see|nobody-may-see/);
  const letter = /letter +(\d+)/.exec(shown.output)?.[1] ?? '';
  expect((await run('show', letter, '--payload')).output).toContain(SECRET);
});

test('replay without --yes changes nothing', async () => {
  await Promise.all([died('dry'), givenUp(queued('dry'))]);
  const before = await record('dry');
  const dry = await run('replay');
  expect(dry).toMatchObject({
    status: 0,
    output: expect.stringMatching(/would replay +\d+ +dry +to its lane, normal[^]*Nothing was changed/),
  });
  expect(await record('dry')).toEqual(before);
  expect((await run('list')).output).toContain('1 listed.');
});

test('replay reopens the document, queues the message as a copy under its id, and removes the letter', async () => {
  await Promise.all([died('again'), givenUp(queued('again'))]);
  expect((await run('replay', '--message-id', 'again', '--yes')).output).toContain('1 replayed.');
  expect(await inLane(1)).toEqual([
    {
      ok: true,
      version: 2,
      value: expect.objectContaining({
        senderId,
        repeated: true,
        message: expect.objectContaining({ message_id: 'again', data: { secret: SECRET } }),
      }),
    },
  ]);
  expect(await record('again')).toMatchObject({ state: 'queued', replayedToMs: expect.any(Number) });
  expect(await record('again')).not.toHaveProperty('settledAtMs');
  expect((await run('list')).output).toContain('No dead letter.');
});

test('replay leaves what is not dead or has expired, with the reason; --new-ttl renews the latter', async () => {
  const old = Date.now() - 3_600_000;
  await Promise.all([
    died('alive', { state: 'acked' }),
    givenUp(queued('alive')),
    died('late', { createdAtMs: old }),
    givenUp(queued('late', { acceptedAtMs: old })),
  ]);
  const left = await run('replay', '--yes');
  expect(left.output).toMatch(/left +\d+ +alive +its document is "acked"/);
  expect(left.output).toMatch(/left +\d+ +late +it has expired/);
  expect(left.output).toContain('2 left.');
  expect((await run('replay', '--yes', '--new-ttl', '60')).output).toContain('replayed');
  expect(await inLane(1)).toMatchObject([{ value: { message: { message_id: 'late' } } }]);
  expect((await record('late'))?.timeToLiveSeconds).toBeGreaterThanOrEqual(3_660);
});

test('what is not a queue message is submitted again as a request, with its sender', async () => {
  await poison('{"to": "T", "message_id": "mended"}', 'INVALID_REQUEST');
  expect((await run('replay', '--reason', 'INVALID_REQUEST', '--yes')).output).toContain('1 replayed.');
  const [request] = await receive(pubsub.pubsub, `${names.requests}-test`, 1);
  expect([request?.data.toString(), request?.attributes]).toEqual([
    '{"to": "T", "message_id": "mended"}',
    { sender_id: senderId },
  ]);
});

test('replay leaves an unsigned message, which never reaches a lane', async () => {
  await Promise.all([died('forged'), givenUp(queued('forged'), 'bm90IG91cnM')]);
  expect((await run('replay', '--yes')).output).toMatch(
    /left +\d+ +forged +the relay did not queue this message[^]*1 left\./,
  );
  expect((await run('show', '--message-id', 'forged')).output).toMatch(/signed +no: its publisher/);
  expect((await record('forged'))?.state).toBe('dead');
});

test('after a change of keys, a message of the previous key is replayed, and signed with the new one', async () => {
  await Promise.all([died('rotated'), givenUp(queued('rotated'))]);
  const today = { TOKEN_HASH_KEY: 'another key, the one of today' };
  expect((await runWith(today, 'replay', '--yes')).output).toContain('1 left.');
  expect((await runWith({ ...today, TOKEN_HASH_KEY_PREVIOUS: KEY }, 'replay', '--yes')).output).toContain(
    '1 replayed.',
  );
  const [copy] = await receive(pubsub.pubsub, names.laneSubscription(senderId, 'normal'), 1);
  expect(
    queueSigner({ current: today.TOKEN_HASH_KEY }).verify(copy?.data ?? Buffer.alloc(0), copy?.attributes['mac']),
  ).toBe(true);
});

test('a letter without data is replayed with its attributes; an empty one is left, with the reason', async () => {
  const put = (attributes: Readonly<Record<string, string>>): Promise<void> =>
    letters.put({
      payload: Buffer.alloc(0),
      reason: 'NOT_JSON',
      detail: 'no JSON',
      origin: names.requests,
      attributes,
    });
  await Promise.all([put({ sender_id: senderId, trace: 'a-trace' }), put({})]);
  expect((await run('list')).output).toContain('2 listed.');
  expect((await run('replay', '--yes')).output).toMatch(
    /left +\d+ +NOT_JSON +it has neither data nor attributes[^]*1 (left|replayed), 1/,
  );
  const [request] = await receive(pubsub.pubsub, `${names.requests}-test`, 1);
  expect([request?.data.length, request?.attributes]).toEqual([0, { sender_id: senderId, trace: 'a-trace' }]);
  expect((await run('drop', '--yes')).output).toContain('1 dropped.');
});

test('replay keeps its rate', async () => {
  await Promise.all(Array.from({ length: 5 }, (_, at) => poison(`no JSON ${at}`)));
  const startMs = performance.now();
  expect((await run('replay', '--yes', '--rate', '2')).output).toContain('5 replayed.');
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(2_000);
  await receive(pubsub.pubsub, `${names.requests}-test`, 5);
});

test('a letter that fails stays, is reported, and makes the exit status 1', async () => {
  await givenUp(queued('nowhere', { senderId: '99' })); // that lane does not exist
  expect(await run('replay', '--yes')).toMatchObject({
    status: 1,
    output: expect.stringMatching(/failed +\d+ +nowhere[^]*1 failed\./),
  });
  expect((await run('list')).output).toContain('1 listed.');
});

test('drop removes the selected letters, and only with --yes', async () => {
  await Promise.all([poison('a', 'NOT_JSON'), poison('b', 'INVALID_REQUEST')]);
  expect((await run('drop', '--reason', 'NOT_JSON')).output).toMatch(/1 would drop\.\nNothing was changed/);
  expect((await run('drop', '--reason', 'NOT_JSON', '--yes')).output).toContain('1 dropped.');
  const left = await run('list');
  expect(left.output).toContain('INVALID_REQUEST');
  expect(left.output).toContain('1 listed.');
});

test('a mistake in the command line is reported with exit status 2', async () => {
  expect(await run('replay', '--rate', 'fast')).toMatchObject({ status: 2, output: expect.stringContaining('--rate') });
});
