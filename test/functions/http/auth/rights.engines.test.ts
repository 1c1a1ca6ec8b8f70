import { createHash, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { namespace } from '../../../../dev/stack/engines.ts';
import { document, user, watch } from '../../emulated.ts';
import { startFunctions, type FunctionsHost } from '../../functions-host.ts';

const { senderId, topicPrefix } = namespace();
const other = namespace().senderId;
jest.setTimeout(30_000); // two cores for emulators, functions and tests

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const API_KEYS = [
  { name: 'one', sha256: hashOf('key one'), can: ['send'] },
  { name: 'two', sha256: [hashOf('key two'), hashOf('key two, older')], can: ['send'] },
  { name: 'own', sha256: hashOf('key own'), can: ['send'], own: true },
  { name: 'bound', sha256: hashOf('key bound'), can: ['send'], senders: [senderId] },
  { name: 'over', sha256: hashOf('key over'), can: ['send'], not_after: '2026-01-01' },
  { name: 'operator', sha256: hashOf('key operator'), can: ['operate'] },
];

let host: FunctionsHost;
beforeAll(async () => {
  const env = { RELAY_API_KEYS: JSON.stringify(API_KEYS) };
  [host] = await Promise.all([
    startFunctions({ senders: [senderId, other], topicPrefix, env }),
    watch(`${topicPrefix}fcm-delivery-events`),
    watch(`${topicPrefix}fcm-downstream-${senderId}-normal`),
    watch(`${topicPrefix}fcm-downstream-${other}-normal`),
  ]);
});
afterAll(() => host.close());

const faultOf = ({ errors }: { readonly errors?: readonly { readonly code: string }[] }): string | undefined =>
  errors?.[0]?.code;
const message = (more: object = {}) => ({
  message_id: randomUUID(),
  to: 'abc',
  data: { pin: '1234' },
  sender_id: senderId,
  ...more,
});
const post = (name: string, body: unknown) => host.api('POST', '/v1/messages', { body, key: `key ${name}` });
const at = (id: string, sender = senderId): string => `/v1/messages/${id}?sender_id=${sender}`;

describe('the message_id of somebody else', () => {
  test('is 409, and the same 409 whether the content is guessed or not', async () => {
    const body = message();
    expect((await post('one', body)).status).toBe(202);
    const right = await post('two', body);
    const wrong = await post('two', { ...body, data: { pin: '0000' } });
    expect(right.status).toBe(409);
    expect([right.status, right.text, right.headers['content-length']]).toEqual([
      wrong.status,
      wrong.text,
      wrong.headers['content-length'],
    ]);
    expect((await post('one', body)).status).toBe(200);
    expect((await post('one', { ...body, data: { pin: '0000' } })).text).toBe(wrong.text);
  });

  test('is 409 in a batch too', async () => {
    const body = message();
    await post('one', body);
    const { body: answered } = await post('two', { messages: [body, { ...body, data: { pin: '1' } }, message()] });
    expect(answered.results.map(({ status }) => status)).toEqual([409, 409, 202]);
    expect({ ...answered.results[0], index: 1 }).toEqual(answered.results[1]);
  });

  test("is nobody's by a uid that reads like a key's name", async () => {
    const body = message();
    await post('one', body);
    const { idToken } = await user('send');
    expect(
      (await host.api('POST', '/v1/messages', { body, key: null, headers: { authorization: `Bearer ${idToken}` } }))
        .status,
    ).toBe(409);
  });

  test('is counted for who tries it, on a line of its own', async () => {
    const body = message();
    await post('one', body);
    await post('two', {
      messages: [
        { ...body, data: { pin: '1' } },
        { ...body, data: { pin: '2' } },
      ],
    });
    const lines = host.log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['event'] === 'message_id.conflicted');
    expect(lines.at(-1)).toMatchObject({ severity: 'WARNING', by: 'key:two', conflicts: 2 });
    expect(JSON.stringify(lines)).not.toContain('pin');
  });

  test("a key's older hash is the same owner: a repeat is a repeat", async () => {
    const body = message();
    expect((await post('two', body)).status).toBe(202);
    expect((await post('two, older', body)).status).toBe(200);
  });
});

describe('a key with `own`', () => {
  test('sees and cancels its own messages', async () => {
    const body = message();
    await post('own', body);
    expect(await document(senderId, body.message_id)).toMatchObject({ owner: 'key:own' });
    expect((await host.api('GET', at(body.message_id), { key: 'key own' })).status).toBe(200);
    expect(await host.api('DELETE', at(body.message_id), { key: 'key own' })).toMatchObject({
      status: 200,
      body: { state: 'cancelled' },
    });
  });

  test('and of others hears what it hears of none', async () => {
    const body = message();
    await post('one', body);
    for (const method of ['GET', 'DELETE']) {
      const theirs = await host.api(method, at(body.message_id), { key: 'key own' });
      expect(theirs.status).toBe(404);
      expect(theirs.text).toBe((await host.api(method, at('no-message'), { key: 'key own' })).text);
    }
    expect(await document(senderId, body.message_id)).toMatchObject({ state: 'queued' });
    expect((await host.api('GET', at(body.message_id), { key: 'key two' })).status).toBe(200); // which is not limited
  });

  test('a user whose claim says so likewise', async () => {
    const body = message();
    await post('one', body);
    const { idToken } = await user({ can: ['read'], own: true });
    expect(
      (await host.api('GET', at(body.message_id), { key: null, headers: { authorization: `Bearer ${idToken}` } }))
        .status,
    ).toBe(404);
  });
});

describe('a key for one sender', () => {
  test('may leave it out, and may not use another', async () => {
    const body = message({ sender_id: undefined }); // which JSON leaves out
    expect(await post('bound', body)).toMatchObject({ status: 202, body: { sender_id: senderId } });
    expect((await host.api('GET', `/v1/messages/${body.message_id}`, { key: 'key bound' })).status).toBe(200);
    const forbidden = {
      status: 403,
      body: { type: 'urn:fcm-relay:problem:forbidden', errors: [{ path: 'sender_id', code: 'FORBIDDEN_SENDER' }] },
    };
    expect(await post('bound', message({ sender_id: other }))).toMatchObject(forbidden);
    for (const method of ['GET', 'DELETE'])
      expect(await host.api(method, at(body.message_id, other), { key: 'key bound' })).toMatchObject(forbidden);
    expect(await document(other, body.message_id)).toBeUndefined();
  });

  test('in a batch each message by itself', async () => {
    const { status, body } = await post('bound', {
      messages: [message(), message({ sender_id: other }), message({ sender_id: '5' })],
    });
    expect(status).toBe(202);
    expect(body.results.map((result) => [result.status, faultOf(result)])).toEqual([
      [202, undefined],
      [403, 'FORBIDDEN_SENDER'],
      [400, 'UNKNOWN_SENDER'],
    ]);
    expect((await post('bound', { messages: [message({ sender_id: other })] })).status).toBe(403);
  });

  test('a user whose claim says so likewise', async () => {
    const { idToken } = await user({ can: ['send'], senders: [other] });
    const headers = { authorization: `Bearer ${idToken}` };
    expect((await host.api('POST', '/v1/messages', { body: message(), key: null, headers })).status).toBe(403);
    expect(
      (await host.api('POST', '/v1/messages', { body: message({ sender_id: other }), key: null, headers })).status,
    ).toBe(202);
  });
});

test('a key whose time is over is told so, and nobody else is', async () => {
  expect(await post('over', message())).toMatchObject({
    status: 401,
    body: { detail: 'The API key has expired.' },
    headers: { 'www-authenticate': expect.stringContaining('expired') },
  });
  expect((await post('unknown', message())).body['detail']).not.toContain('expired');
});

test('the right to operate is neither that to send nor that to read', async () => {
  expect((await post('operator', message())).status).toBe(403);
  expect((await host.api('GET', at('a'), { key: 'key operator' })).status).toBe(403);
});
