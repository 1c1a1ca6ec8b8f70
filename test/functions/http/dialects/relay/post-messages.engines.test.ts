import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { decodeQueued } from '../../../../../relay/protocol/queue/queued.ts';
import { namespace } from '../../../../../dev/stack/engines.ts';
import { change, document, documentCount, watch, type Watched } from '../../../emulated.ts';
import { startFunctions, type FunctionsHost } from '../../../functions-host.ts';

const { senderId, topicPrefix } = namespace();
const TOKEN = 'dKfj3kLm_Qo:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx';
jest.setTimeout(30_000); // two cores for emulators, functions and tests
let host: FunctionsHost;
let high: Watched;
let normal: Watched;

beforeAll(async () => {
  [high, normal, host] = await Promise.all([
    watch(`${topicPrefix}fcm-downstream-${senderId}-high`),
    watch(`${topicPrefix}fcm-downstream-${senderId}-normal`),
    startFunctions({ senders: [senderId], topicPrefix }),
  ]);
});
afterAll(() => host.close());

const message = (more: object = {}): { message_id: string } =>
  ({ message_id: randomUUID(), to: TOKEN, data: { a: '1' }, ...more }) as { message_id: string };
/** Of the messages in the lane, without the marked copies that a repeat puts beside the first. */
const queuedIds = async (lane: Watched): Promise<string[]> =>
  (await lane.pull()).filter(({ data }) => !isCopy(data)).map(({ attributes }) => attributes['message_id'] ?? '');
const isCopy = (data: Uint8Array): boolean => {
  const decoded = decodeQueued(data);
  return decoded.ok && decoded.value.repeated === true;
};

describe('a message', () => {
  test('is stored, queued and answered 202, with a link to what becomes of it', async () => {
    const body = message({ time_to_live: '600', message_id: `an id with spaces & "quotes" ${randomUUID()}` });
    const answer = await host.api('POST', '/v1/messages', { body });
    const href = `/v1/messages/${encodeURIComponent(body.message_id)}`;
    expect(answer).toMatchObject({
      status: 202,
      body: { message_id: body.message_id, sender_id: senderId, state: 'queued', href },
    });
    expect(answer.headers['content-type']).toBe('application/json');
    const [queued] = await normal.pull();
    expect(decodeQueued(queued!.data)).toMatchObject({
      ok: true,
      value: { senderId, message: { message_id: body.message_id, to: TOKEN, time_to_live: 600 } },
    });
    expect(await document(senderId, body.message_id)).toMatchObject({
      state: 'queued',
      owner: 'key:sender',
      time_to_live: 600,
      target: { kind: 'token', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(JSON.stringify(await document(senderId, body.message_id))).not.toContain(TOKEN);
    expect(await host.api('GET', href)).toMatchObject({ status: 200, body: { state: 'queued', attempts: 0 } });
  });

  test('with a notification goes to the high lane', async () => {
    const body = message({ notification: { title: 'Hi' } });
    await host.api('POST', '/v1/messages', { body });
    expect(await queuedIds(high)).toEqual([body.message_id]);
    expect(await queuedIds(normal)).toEqual([]);
  });

  test('without an id gets one', async () => {
    const answer = await host.api('POST', '/v1/messages', { body: { to: '/topics/news' } });
    expect(answer.body.message_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await document(senderId, answer.body.message_id)).toMatchObject({
      target: { kind: 'topic', topic: 'news' },
    });
    expect(await queuedIds(normal)).toEqual([answer.body.message_id]);
  });

  test('below the path where Firebase Hosting mounts the API is the same', async () => {
    expect((await host.api('POST', '/api/v1/messages', { body: message() })).status).toBe(202);
    await normal.pull();
  });
});

describe('the same message again', () => {
  test('50 times at once is one document and one message in the queue', async () => {
    const body = message();
    const answers = await Promise.all(Array.from({ length: 50 }, () => host.api('POST', '/v1/messages', { body })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(await queuedIds(normal)).toEqual([body.message_id]);
  });

  test('is answered 200 with the state that it has by now', async () => {
    const body = message();
    await host.api('POST', '/v1/messages', { body });
    await change(senderId, body.message_id, { state: { stringValue: 'acked' } });
    expect(await host.api('POST', '/v1/messages', { body })).toMatchObject({
      status: 200,
      body: { state: 'acked', message_id: body.message_id },
    });
    expect(await queuedIds(normal)).toEqual([body.message_id]);
  });

  test('written in another way is the same', async () => {
    const body = message({ time_to_live: 60, data: { a: '1', b: 'true' } });
    await host.api('POST', '/v1/messages', { body });
    const other = JSON.stringify({
      data: { b: true, a: 1 },
      time_to_live: '60',
      priority: 'normal',
      sender_id: senderId,
      to: TOKEN,
      message_id: body.message_id,
    });
    expect((await host.api('POST', '/v1/messages', { body: other })).status).toBe(200);
    await normal.pull();
  });

  test('with a number that differs in its last digit is another one', async () => {
    const id = randomUUID();
    const body = (number: string): string =>
      `{"message_id":"${id}","to":"${TOKEN}","data":{"id":${number},"nested":{"price":1.10}}}`;
    expect((await host.api('POST', '/v1/messages', { body: body('1234567890123456789') })).status).toBe(202);
    expect((await host.api('POST', '/v1/messages', { body: body('1234567890123456788') })).status).toBe(409);
    expect(
      (await host.api('POST', '/v1/messages', { body: `{"messages":[${body('1234567890123456789')}]}` })).status,
    ).toBe(200);
    const [queued] = await normal.pull();
    expect(decodeQueued(queued!.data)).toMatchObject({
      value: { message: { data: { id: '1234567890123456789', nested: '{"price":1.10}' } } },
    });
  });

  test('with other content is 409, and nothing is queued or changed', async () => {
    const body = message();
    await host.api('POST', '/v1/messages', { body });
    const before = await document(senderId, body.message_id);
    await normal.pull();
    const answer = await host.api('POST', '/v1/messages', { body: { ...body, data: { a: '2' } } });
    expect(answer).toMatchObject({
      status: 409,
      headers: { 'content-type': 'application/problem+json' },
      body: {
        type: 'urn:fcm-relay:problem:message-id-conflict',
        status: 409,
        message_id: body.message_id,
        errors: [{ path: 'message_id', code: 'MESSAGE_ID_CONFLICT' }],
      },
    });
    expect(await document(senderId, body.message_id)).toEqual(before);
    expect(await queuedIds(normal)).toEqual([]);
  });
});

describe('a batch', () => {
  test('of 500 is accepted whole', async () => {
    const before = await documentCount(senderId);
    const messages = Array.from({ length: 500 }, () => message());
    const answer = await host.api('POST', '/v1/messages', { body: { messages } });
    expect(answer.status).toBe(202);
    expect(answer.body.results.map(({ index, status, message_id: id }) => [index, status, id])).toEqual(
      messages.map(({ message_id: id }, index) => [index, 202, id]),
    );
    expect((await queuedIds(normal)).sort()).toEqual(messages.map(({ message_id: id }) => id).sort());
    expect(await documentCount(senderId)).toBe(before + 500);
    const again = await host.api('POST', '/v1/messages', { body: { messages } });
    expect(again.status).toBe(200);
    expect(again.body.results.every(({ status }) => status === 200)).toBe(true);
    expect(await queuedIds(normal)).toEqual([]);
  });

  test('has each message accepted or refused on its own', async () => {
    const good = message();
    const messages = [
      good,
      message({ time_to_live: -1 }),
      { ...good, data: { a: 'other' } },
      good,
      'not a message',
      message({ to: '/topics/news' }),
    ];
    const { status, body } = await host.api('POST', '/v1/messages', { body: { messages } });
    expect(status).toBe(202);
    expect(body.results).toMatchObject([
      { index: 0, status: 202, state: 'queued', message_id: good.message_id, href: expect.any(String) },
      {
        index: 1,
        status: 400,
        type: 'urn:fcm-relay:problem:invalid-request',
        errors: [{ path: 'time_to_live', code: 'OUT_OF_RANGE' }],
      },
      {
        index: 2,
        status: 409,
        message_id: good.message_id,
        errors: [{ path: 'message_id', code: 'MESSAGE_ID_CONFLICT' }],
      },
      { index: 3, status: 200, message_id: good.message_id },
      { index: 4, status: 400, errors: [{ path: '', code: 'WRONG_TYPE' }] },
      { index: 5, status: 202 },
    ]);
    expect(await queuedIds(normal)).toHaveLength(2);
  });

  test('of bad messages only is 400, and names every field of every message', async () => {
    const answer = await host.api('POST', '/v1/messages', {
      body: { messages: [message({ to: 5, priority: 'urgent' }), null] },
    });
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      body: { type: 'urn:fcm-relay:problem:invalid-request' },
    });
    expect(answer.body.errors).toEqual([]); // once, where each belongs
    expect(answer.body.results.map(({ errors }) => errors.map(({ path, code }) => [path, code]))).toEqual([
      [
        ['to', 'WRONG_TYPE'],
        ['priority', 'NOT_ALLOWED'],
      ],
      [['', 'WRONG_TYPE']],
    ]);
    expect(await queuedIds(normal)).toEqual([]);
  });

  test('of conflicts only is 409', async () => {
    const body = message();
    await host.api('POST', '/v1/messages', { body });
    await normal.pull();
    const answer = await host.api('POST', '/v1/messages', { body: { messages: [{ ...body, data: {} }] } });
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:fcm-relay:problem:message-id-conflict' } });
  });

  test.each([
    ['empty', { messages: [] }, [['messages', 'REQUIRED']]],
    ['of 501', { messages: Array.from({ length: 501 }, () => ({})) }, [['messages', 'TOO_MANY']]],
    ['no list', { messages: { 0: message() } }, [['messages', 'WRONG_TYPE']]],
    ['with fields of its own', { messages: [message()], to: TOKEN }, [['to', 'UNKNOWN_FIELD']]],
  ])('that is %s is refused whole', async (_, body, errors) => {
    const answer = await host.api('POST', '/v1/messages', { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map(({ path, code }) => [path, code])).toEqual(errors);
    expect(await queuedIds(normal)).toEqual([]);
  });
});

test('the log has a line for each request, with ids and without tokens', async () => {
  const body = message();
  await host.api('POST', '/v1/messages', { body });
  const line = host.log
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .find(({ message_id: id }) => id === body.message_id);
  expect(line).toMatchObject({
    severity: 'INFO',
    method: 'POST',
    route: '/v1/messages',
    status: 202,
    by: 'key:sender',
    ms: expect.any(Number),
  });
  expect(host.log.join('\n')).not.toContain(TOKEN);
});
