import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { encodeQueued } from '../../relay/protocol/queued.ts';
import { namespace } from '../support/engines.ts';
import { change, document, documentCount, watch, type Watched } from './emulated.ts';
import { startFunctions, type FunctionsHost } from './functions-host.ts';

const { senderId, topicPrefix } = namespace();
jest.setTimeout(30_000); // two cores for emulators, functions and tests
const LANE = `${topicPrefix}fcm-downstream-${senderId}-normal`;
let host: FunctionsHost;
let lane: Watched;
let dead: Watched;
let events: Watched;

beforeAll(async () => {
  [host, lane, dead, events] = await Promise.all([
    startFunctions({ senders: [senderId], topicPrefix }),
    watch(LANE),
    watch(`${topicPrefix}fcm-downstream-dead`),
    watch(`${topicPrefix}fcm-delivery-events`),
  ]);
});
afterAll(() => host.close());

const request = (more: object = {}): { readonly message_id: string } => ({ message_id: randomUUID(), to: 'abc', data: { a: '1' }, ...more } as { message_id: string });
const queuedIds = async (): Promise<(string | undefined)[]> => (await lane.pull()).map(({ attributes }) => attributes['message_id']);

describe('onDownstreamRequest', () => {
  const deliver = (body: unknown, more: object = {}): Promise<number> =>
    host.deliver('onDownstreamRequest', typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body), more);

  test('stores and queues a good request', async () => {
    const body = request();
    expect(await deliver(body)).toBe(204);
    expect(await document(senderId, body.message_id)).toMatchObject({ state: 'queued', owner: 'system:pubsub' });
    expect(await queuedIds()).toEqual([body.message_id]);
  });

  test('takes a request without an id under that of its Pub/Sub message, also when it comes twice', async () => {
    const messageId = String(Date.now());
    const before = await documentCount(senderId);
    await Promise.all([1, 2, 3].map(() => deliver({ to: 'abc' }, { messageId, attributes: { sender_id: senderId } })));
    expect(await documentCount(senderId)).toBe(before + 1);
    expect(new Set(await queuedIds())).toEqual(new Set([`ps-${messageId}`])); // the worker drops repeats by id
  });

  test('records a bad request with every fault, tells of it, and acks it', async () => {
    const body = request({ time_to_live: 'soon', priority: 1 });
    expect(await deliver(body)).toBe(204);
    expect(await deliver(body)).toBe(204);
    expect(await document(senderId, body.message_id)).toMatchObject({ state: 'nacked', error: 'WRONG_TYPE', error_description: 'time_to_live: WRONG_TYPE; priority: NOT_ALLOWED' });
    const told = (await events.pull()).map(({ attributes, data }) => [attributes['ce-id'], attributes['ce-type'], JSON.parse(data.toString()) as unknown]);
    expect(told[0]).toEqual([`${senderId}/${body.message_id}/nacked`, 'fcm.message.nacked', expect.objectContaining({ error: 'WRONG_TYPE', state: 'nacked' })]);
    expect(told[1]).toEqual(told[0]);
    expect(await queuedIds()).toEqual([]);
  });

  test.each([
    ['no JSON', () => 'to: abc', 'NOT_JSON'],
    ['no bytes', () => '', 'NOT_JSON'],
    ['an array', () => '[1]', 'INVALID_REQUEST'],
    ['no usable id', () => ({ message_id: 'a/b', to: 'abc' }), 'INVALID_REQUEST'],
    ['an unknown sender', () => request({ sender_id: '5' }), 'INVALID_REQUEST'],
    ['9 MB without an id', () => JSON.stringify({ data: { a: 'x'.repeat(9_000_000) } }), 'INVALID_REQUEST'],
  ])('puts a request with %s into the dead letters, payload intact, and acks it', async (_, make, reason) => {
    const body = make();
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    expect(await deliver(text)).toBe(204);
    const letters = await dead.pull();
    expect(letters.map(({ attributes }) => [attributes['reason'], attributes['origin']])).toEqual([[reason, `${topicPrefix}fcm-downstream-requests`]]);
    expect(letters[0]?.data.equals(Buffer.from(text))).toBe(true);
    expect(await queuedIds()).toEqual([]);
  });

  test('leaves a message alone when a request with other content has its id', async () => {
    const body = request();
    await deliver(body);
    expect(await deliver({ ...body, to: 'another' })).toBe(204);
    const [letter] = await dead.pull();
    expect(letter?.attributes).toMatchObject({ reason: 'MESSAGE_ID_CONFLICT', message_id: body.message_id, sender_id: senderId });
    expect(await host.deliver('onDeadLetter', letter?.data ?? '', { attributes: letter?.attributes ?? {} })).toBe(204);
    expect(await document(senderId, body.message_id)).toMatchObject({ state: 'queued' });
    expect(await queuedIds()).toEqual([body.message_id]);
  });
});

describe('onDeadLetter', () => {
  const waiting = async (): Promise<string> => (await host.api('POST', '/v1/messages', { body: request() })).body.message_id;
  const queued = (messageId: string): Buffer =>
    encodeQueued({ senderId, acceptedAtMs: 1, message: { message_id: messageId, to: 'abc', priority: 'normal', time_to_live: 60 } });

  test('ends a message with the reason that a worker gave', async () => {
    const id = await waiting();
    const attributes = { reason: 'UNKNOWN_VERSION', detail: '"v" is not 1', origin: `${LANE}-worker`, message_id: id, sender_id: senderId };
    expect(await host.deliver('onDeadLetter', 'anything', { attributes })).toBe(204);
    expect(await document(senderId, id)).toMatchObject({ state: 'dead', error: 'UNKNOWN_VERSION', error_description: '"v" is not 1' });
    expect((await events.pull()).map(({ attributes: told }) => told['ce-id'])).toContain(`${senderId}/${id}/dead`);
  });

  test.each([
    ['its attributes and the subscription that it comes from', (id: string) => ({ data: Buffer.from('no JSON'), attributes: { v: '1', message_id: id, CloudPubSubDeadLetterSourceSubscription: `${LANE}-worker`, CloudPubSubDeadLetterSourceDeliveryCount: '100' } })],
    ['its payload alone', (id: string) => ({ data: queued(id), attributes: {} as Record<string, string> })],
  ])('ends a message that Pub/Sub gave up, found by %s', async (_, make) => {
    const id = await waiting();
    const { data, attributes } = make(id);
    expect(await host.deliver('onDeadLetter', data, { attributes })).toBe(204);
    expect(await document(senderId, id)).toMatchObject({ state: 'dead', error: 'MAX_DELIVERY_ATTEMPTS', error_description: expect.stringContaining('deliveries') });
  });

  test('leaves a message that was replayed since', async () => {
    const id = await waiting();
    await change(senderId, id, { replayed_to: { timestampValue: new Date(Date.now() + 60_000).toISOString() } });
    expect(await host.deliver('onDeadLetter', queued(id))).toBe(204);
    expect(await document(senderId, id)).toMatchObject({ state: 'queued' });
  });

  test('leaves a message that has ended', async () => {
    const id = await waiting();
    await change(senderId, id, { state: { stringValue: 'acked' } });
    expect(await host.deliver('onDeadLetter', queued(id))).toBe(204);
    expect(await document(senderId, id)).toMatchObject({ state: 'acked' });
  });

  test.each([
    ['without an id', Buffer.from('?'), {}],
    ['of an unknown message', queued('unknown'), {}],
    ['of a sender that is not served', Buffer.from('?'), { message_id: 'a', sender_id: '5', reason: 'X' }],
    ['with an id that no document can have', Buffer.from('?'), { message_id: 'a/b', sender_id: senderId, reason: 'X' }],
  ])('acks a letter %s', async (_, data, attributes) => {
    expect(await host.deliver('onDeadLetter', data, { attributes })).toBe(204);
  });
});

describe('sweep', () => {
  test('ends what is in no queue, and nothing that is in its lane', async () => {
    const [lost, waits] = [request({ time_to_live: 86_400 }), request({ time_to_live: 86_400 })];
    for (const body of [lost, waits]) await host.api('POST', '/v1/messages', { body });
    await lane.subscribe('-worker'); // made only now: it has neither message, as if the queue had been lost
    const hoursAgo = (hours: number): object => ({ timestampValue: new Date(Date.now() - hours * 3_600_000).toISOString() });
    await change(senderId, lost.message_id, { updated_at: hoursAgo(3), created_at: hoursAgo(3) });
    expect(await host.sweep()).toBe(200);
    expect(await document(senderId, lost.message_id)).toMatchObject({ state: 'dead', error: 'NOT_IN_QUEUE' });
    expect(await document(senderId, waits.message_id)).toMatchObject({ state: 'queued' }); // too young to tell
    expect((await events.pull()).map(({ attributes }) => attributes['ce-id'])).toContain(`${senderId}/${lost.message_id}/dead`);
    expect(JSON.parse(host.log.findLast((text) => text.includes('sweep of sender')) ?? '{}')).toMatchObject({ severity: 'WARNING', lost: 1, lostLeft: 0, complete: true });
  });

  test('ends what expired long ago and what a dead DELETE left, and logs what waits', async () => {
    const ids = await Promise.all(['expired', 'cancelled', 'waits'].map(async () => (await host.api('POST', '/v1/messages', { body: request({ time_to_live: 60 }) })).body.message_id));
    const [expired = '', cancelled = '', waits = ''] = ids;
    const longAgo = { timestampValue: '2026-01-01T00:00:00Z' };
    await change(senderId, expired, { created_at: longAgo });
    await change(senderId, cancelled, { cancel_requested_at: longAgo });
    expect(await host.sweep()).toBe(200);
    expect(await Promise.all(ids.map(async (id) => (await document(senderId, id))?.['state']))).toEqual(['expired', 'cancelled', 'queued']);
    expect((await events.pull()).map(({ attributes }) => attributes['ce-id'])).toEqual(expect.arrayContaining([`${senderId}/${expired}/expired`, `${senderId}/${cancelled}/cancelled`]));
    const line = host.log.findLast((text) => text.includes('sweep of sender'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ severity: 'INFO', sender_id: senderId, expired: 1, cancelled: 1, failed: 0, complete: true, waiting: { minute: expect.any(Number) } });
    expect(waits).not.toBe('');
  });
});
