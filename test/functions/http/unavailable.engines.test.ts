import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { jest } from '@jest/globals';
import { namespace } from '../../../dev/stack/engines.ts';
import type { Called } from '../call.ts';
import { document, watch } from '../emulated.ts';
import { KEYS, startFunctions, type FunctionsHost } from '../functions-host.ts';
import { rawRequest } from '../raw-request.ts';

const { senderId, topicPrefix } = namespace();
const lane = `${topicPrefix}fcm-downstream-${senderId}-normal`;
const message = () => ({ message_id: randomUUID(), to: 'a-token' });
jest.setTimeout(30_000); // two cores for emulators, functions and tests
let host: FunctionsHost;
beforeAll(async () => void (host = await startFunctions({ senders: [senderId], topicPrefix })));
afterAll(() => host.close());

// In this order: at first the lane has no topic, which is a queue that takes nothing.
describe('while the queue takes nothing', () => {
  test('a message is 503 with a time to come again; its document waits for that', async () => {
    const body = message();
    const answer = await host.api('POST', '/v1/messages', { body });
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
      body: { type: 'urn:fcm-relay:problem:unavailable', message_id: body.message_id, errors: [] },
    });
    expect(await document(senderId, body.message_id)).toMatchObject({ state: 'queued', attempts: 0 });
  });

  test('a batch of good and bad ones is 503: it is to be repeated', async () => {
    const answer = await host.api('POST', '/v1/messages', { body: { messages: [message(), {}] } });
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { results: [{ status: 503, retry_after: 1 }, { status: 400 }] },
    });
  });

  test('a request from Pub/Sub is not taken: its event will come again', async () => {
    expect(await host.deliver('onDownstreamRequest', JSON.stringify(message()))).toBe(500);
  });

  test('the log says why', () => {
    expect(host.log.some((line) => line.includes('NOT_FOUND') && line.includes('"ERROR"'))).toBe(true);
  });
});

describe('once it takes messages again', () => {
  test('the same request is queued, once, and answered 200', async () => {
    const body = message();
    expect((await host.api('POST', '/v1/messages', { body })).status).toBe(503);
    const queue = await watch(lane);
    expect(await host.api('POST', '/v1/messages', { body })).toMatchObject({
      status: 200,
      body: { message_id: body.message_id, state: 'queued' },
    });
    expect(await queue.pull()).toHaveLength(1);
  });
});

test('without a Firestore a message is 503', async () => {
  const cut = await startFunctions({
    senders: [senderId],
    topicPrefix,
    env: { FIRESTORE_EMULATOR_HOST: '127.0.0.1:1' },
  });
  try {
    const answer = await cut.api('POST', '/v1/messages', { body: message() });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { errors: [] } });
  } finally {
    await cut.close();
  }
});

describe('a dependency that is frozen: its port takes connections, and nobody answers there', () => {
  const frozen = createServer();
  let address = '';
  beforeAll(async () => {
    frozen.listen(0, '127.0.0.1');
    await once(frozen, 'listening');
    address = `127.0.0.1:${(frozen.address() as AddressInfo).port}`;
  });
  const open = new Set<Socket>();
  frozen.on('connection', (socket) => open.add(socket));
  afterAll(() => {
    for (const socket of open) socket.destroy();
    frozen.close();
  });

  const timed = async (call: Promise<Called>): Promise<{ answer: Called; tookMs: number }> => {
    const startMs = performance.now();
    return { answer: await call, tookMs: performance.now() - startMs };
  };

  test('a malformed request behind one that waits does not get the answer to that', async () => {
    const stuck = await startFunctions({ senders: [senderId], topicPrefix, env: { FIRESTORE_EMULATOR_HOST: address } });
    try {
      const head = `GET /v1/messages/a HTTP/1.1\r\nhost: a\r\nauthorization: key=${KEYS.read}\r\n\r\ngarbage\r\n\r\n`;
      expect(await rawRequest(stuck.apiPort, { head })).toMatchObject({
        status: 503,
        text: expect.stringMatching(/^connection: close/im),
      });
    } finally {
      await stuck.close();
    }
  });

  test.each(['FIRESTORE_EMULATOR_HOST', 'PUBSUB_EMULATOR_HOST'])(
    '%s: 503 within 10 s, under the id that we made',
    async (name) => {
      const stuck = await startFunctions({ senders: [senderId], topicPrefix, env: { [name]: address } });
      try {
        const { answer, tookMs } = await timed(stuck.api('POST', '/v1/messages', { body: { to: 'a-token' } }));
        expect(answer).toMatchObject({
          status: 503,
          headers: { 'retry-after': '1' },
          body: { message_id: expect.any(String), errors: [] },
        });
        expect(tookMs).toBeLessThan(12_000); // 8 s, and two busy cores
        if (name !== 'FIRESTORE_EMULATOR_HOST') return;
        const others = await Promise.all(
          ['GET', 'DELETE'].map((method) => timed(stuck.api(method, `/v1/messages/${randomUUID()}`))),
        );
        for (const other of others) {
          expect(other.answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
          expect(other.tookMs).toBeLessThan(12_000);
        }
      } finally {
        await stuck.close();
      }
    },
    60_000,
  );
});

test('a mistake in the parameters is 500 to callers and named, all of it, in the log', async () => {
  const wrong = await startFunctions({
    senders: ['my-project'],
    topicPrefix: '9',
    env: { TOKEN_HASH_KEY: 'short', RELAY_API_KEYS: '[{}]' },
  });
  try {
    const answer = await wrong.api('GET', '/v1/messages/a');
    expect(answer).toMatchObject({ status: 500, body: { type: 'urn:fcm-relay:problem:internal' } });
    expect(answer.text).not.toContain('my-project');
    for (const name of ['my-project', 'RELAY_TOPIC_PREFIX', 'TOKEN_HASH_KEY', 'RELAY_API_KEYS[0].sha256'])
      expect(wrong.log.join('\n')).toContain(name);
  } finally {
    await wrong.close();
  }
});
