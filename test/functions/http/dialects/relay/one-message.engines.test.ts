import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { namespace } from '../../../../../dev/stack/engines.ts';
import { change, document, watch, type Watched } from '../../../emulated.ts';
import { startFunctions, type FunctionsHost } from '../../../functions-host.ts';

const { senderId, topicPrefix } = namespace();
jest.setTimeout(30_000); // two cores for emulators, functions and tests
let host: FunctionsHost;
let events: Watched;

beforeAll(async () => {
  [host, events] = await Promise.all([
    startFunctions({ senders: [senderId], topicPrefix }),
    watch(`${topicPrefix}fcm-delivery-events`),
    watch(`${topicPrefix}fcm-downstream-${senderId}-normal`),
  ]);
});
afterAll(() => host.close());

const post = async (): Promise<string> => {
  const { body } = await host.api('POST', '/v1/messages', { body: { to: 'abc:secret', message_id: randomUUID() } });
  return body.message_id;
};

describe('GET', () => {
  test('shows the document, under the names that it has there', async () => {
    const id = await post();
    const stored = await document(senderId, id);
    const { status, body, headers } = await host.api('GET', `/v1/messages/${id}`);
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    const hidden = ['content_hash'];
    const shown = Object.entries({ ...stored, message_id: id, sender_id: senderId }).filter(
      ([name]) => !hidden.includes(name),
    );
    const inMs = ([name, value]: [string, unknown]) => [name, name.endsWith('_at') ? Date.parse(String(value)) : value];
    expect(Object.fromEntries(Object.entries(body).map(inMs))).toEqual(Object.fromEntries(shown.map(inMs)));
  });

  test('shows how a message ended', async () => {
    const id = await post();
    await change(senderId, id, {
      state: { stringValue: 'nacked' },
      error: { stringValue: 'BAD_REGISTRATION' },
      error_description: { stringValue: 'why' },
      settled_at: { timestampValue: '2026-10-01T00:00:00.123Z' },
    });
    expect((await host.api('GET', `/v1/messages/${id}`)).body).toMatchObject({
      state: 'nacked',
      error: 'BAD_REGISTRATION',
      error_description: 'why',
      settled_at: '2026-10-01T00:00:00.123Z',
    });
  });

  test.each(['unknown', 'a%2Fb', '..', '__x__', 'x'.repeat(256), '%F0%9F%98%80'])(
    'of an id that no message has is 404: %s',
    async (id) => {
      expect(await host.api('GET', `/v1/messages/${id}`)).toMatchObject({
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
        body: { errors: [] },
      });
    },
  );

  test('HEAD is GET without its body', async () => {
    const id = await post();
    expect(await host.api('HEAD', `/v1/messages/${id}`)).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-type': 'application/json' },
    });
    expect(await host.api('HEAD', '/v1/messages/unknown')).toMatchObject({ status: 404, text: '' });
  });
});

describe('DELETE', () => {
  test('cancels what has not been sent, within seconds; asked again it says so again', async () => {
    const id = await post();
    const startMs = Date.now();
    const deleting = host.api('DELETE', `/v1/messages/${id}`);
    const answer = await deleting;
    expect(answer).toMatchObject({
      status: 200,
      body: { state: 'cancelled', message_id: id, settled_at: expect.any(String) },
    });
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(3_500);
    expect(await document(senderId, id)).toMatchObject({ state: 'cancelled' });
    expect(await host.api('DELETE', `/v1/messages/${id}`)).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    const told = (await events.pull()).filter(
      ({ attributes }) => attributes['ce-id'] === `${senderId}/${id}/cancelled`,
    );
    expect(told).toHaveLength(2);
    expect(told[0]?.attributes['ce-type']).toBe('fcm.message.cancelled');
  });

  test('while it waits, the document says that it does', async () => {
    const id = await post();
    const deleting = host.api('DELETE', `/v1/messages/${id}`);
    let seen = await document(senderId, id);
    for (let tries = 0; seen?.['cancel_requested_at'] === undefined && tries < 100; tries += 1)
      seen = await document(senderId, id);
    expect(seen).toMatchObject({ state: 'queued', cancel_requested_at: expect.any(String) });
    await change(senderId, id, { state: { stringValue: 'sent' } }); // the worker had it on its way
    expect(await deleting).toMatchObject({
      status: 409,
      body: { type: 'urn:fcm-relay:problem:too-late', message: { state: 'sent' }, errors: [{ code: 'TOO_LATE' }] },
    });
    expect(await document(senderId, id)).toMatchObject({ state: 'sent' });
  });

  test.each(['sent', 'acked', 'nacked', 'expired', 'dead'])(
    'of a message that is %s is 409 with its state',
    async (state) => {
      const id = await post();
      await change(senderId, id, { state: { stringValue: state } });
      expect(await host.api('DELETE', `/v1/messages/${id}`)).toMatchObject({
        status: 409,
        headers: { 'content-type': 'application/problem+json' },
        body: { message: { state } },
      });
      expect(await document(senderId, id)).toMatchObject({ state });
    },
  );

  test('of an unknown message is 404', async () => {
    expect((await host.api('DELETE', '/v1/messages/unknown')).status).toBe(404);
  });
});

describe('several senders', () => {
  const other = namespace().senderId;
  let both: FunctionsHost;
  beforeAll(async () => {
    [both] = await Promise.all([
      startFunctions({ senders: [senderId, other], topicPrefix }),
      watch(`${topicPrefix}fcm-downstream-${other}-normal`),
    ]);
  });
  afterAll(() => both.close());

  test('a message goes out under the one that it names, and its link leads to it', async () => {
    const { status, body } = await both.api('POST', '/v1/messages', { body: { to: 'abc', sender_id: other } });
    expect({ status, sender: body['sender_id'] }).toEqual({ status: 202, sender: other });
    expect(await both.api('GET', body.href)).toMatchObject({ status: 200, body: { sender_id: other } });
    expect((await both.api('GET', `/v1/messages/${body.message_id}?sender_id=${senderId}`)).status).toBe(404);
  });

  test('a message that names none is refused', async () => {
    expect(await both.api('POST', '/v1/messages', { body: { to: 'abc' } })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'sender_id', code: 'REQUIRED' }] },
    });
  });

  test.each([
    ['none', '', 'REQUIRED'],
    ['an unknown one', '?sender_id=5', 'UNKNOWN_SENDER'],
    ['two', `?sender_id=${senderId}&sender_id=${other}`, 'TOO_MANY'],
  ])('a GET that names %s is 400', async (_, query, code) => {
    expect(await both.api('GET', `/v1/messages/a${query}`)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'sender_id', code }] },
    });
  });
});
