import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { letterAttributes, signedBytes } from '../../../relay/adapters/pubsub/dead-letter-attributes.ts';
import { deadLetterSigner } from '../../../relay/model/signer.ts';
import { namespace } from '../../../dev/stack/engines.ts';
import { change, document, documentCount, watch, type Watched } from '../emulated.ts';
import { HASH_KEY, startFunctions, type FunctionsHost } from '../functions-host.ts';

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

const request = (more: object = {}): { readonly message_id: string } =>
  ({ message_id: randomUUID(), to: 'abc', data: { a: '1' }, ...more }) as { message_id: string };
const queuedIds = async (): Promise<(string | undefined)[]> =>
  (await lane.pull()).map(({ attributes }) => attributes['message_id']);

describe('onDownstreamRequest', () => {
  const deliver = (body: unknown, more: object = {}): Promise<number> =>
    host.deliver(
      'onDownstreamRequest',
      typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      more,
    );

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

  test('counts time_to_live from the publish: what is over is expired, and not queued', async () => {
    const publishTime = new Date(Date.now() - 20_000).toISOString();
    const [late, inTime] = [request({ time_to_live: 5 }), request({ time_to_live: 60 })];
    expect([
      await deliver(late, { publishTime }),
      await deliver(late, { publishTime }),
      await deliver(inTime, { publishTime }),
    ]).toEqual([204, 204, 204]);
    expect(await document(senderId, late.message_id)).toMatchObject({
      state: 'expired',
      attempts: 0,
      created_at: publishTime,
    });
    expect(await document(senderId, inTime.message_id)).toMatchObject({ state: 'queued', created_at: publishTime });
    const [first, second] = (await events.pull()).map(({ attributes }) => [attributes['ce-id'], attributes['ce-type']]);
    expect(first).toEqual([`${senderId}/${late.message_id}/expired`, 'fcm.message.expired']);
    expect(second).toEqual(first);
    expect(await queuedIds()).toEqual([inTime.message_id]);
  });

  test('says nowhere what a key is that it does not know', async () => {
    const secret = `secret-${randomUUID()}`;
    const body = request({ [secret]: 1, data: { [`google.${secret}`]: 1 }, notification: { [secret]: 1 } });
    expect(await deliver(body)).toBe(204);
    expect(await document(senderId, body.message_id)).toMatchObject({
      state: 'nacked',
      error_description: 'data.?: RESERVED_KEY; ?: UNKNOWN_FIELD; notification.?: UNKNOWN_FIELD',
    });
    const told = (await events.pull())
      .map(({ attributes, data }) => JSON.stringify([attributes, data.toString()]))
      .join();
    expect(told).toContain(body.message_id);
    expect(told + host.log.join()).not.toContain(secret);
  });

  test('records a bad request with every fault, tells of it, and acks it', async () => {
    const body = request({ time_to_live: 'soon', priority: 1 });
    expect(await deliver(body)).toBe(204);
    expect(await deliver(body)).toBe(204);
    expect(await document(senderId, body.message_id)).toMatchObject({
      state: 'nacked',
      error: 'WRONG_TYPE',
      error_description: 'time_to_live: WRONG_TYPE; priority: NOT_ALLOWED',
    });
    const told = (await events.pull()).map(({ attributes, data }) => [
      attributes['ce-id'],
      attributes['ce-type'],
      JSON.parse(data.toString()) as unknown,
    ]);
    expect(told[0]).toEqual([
      `${senderId}/${body.message_id}/nacked`,
      'fcm.message.nacked',
      expect.objectContaining({ error: 'WRONG_TYPE', state: 'nacked' }),
    ]);
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
    expect(await deliver(text, { attributes: { trace: 'a-trace' } })).toBe(204);
    const letters = await dead.pull();
    expect(letters.map(({ attributes }) => [attributes['reason'], attributes['origin']])).toEqual([
      [reason, `${topicPrefix}fcm-downstream-requests`],
    ]);
    expect(letters[0]?.data.equals(Buffer.from(text))).toBe(true);
    expect(letters[0]?.attributes).toMatchObject({ 'original.trace': 'a-trace', mac: expect.any(String) });
    expect(await queuedIds()).toEqual([]);
  });

  test('leaves a message alone when a request with other content has its id', async () => {
    const body = request();
    await deliver(body);
    expect(await deliver({ ...body, to: 'another' })).toBe(204);
    const [event] = await events.pull();
    expect(event?.attributes).toMatchObject({
      'ce-type': 'fcm.message.nacked',
      'ce-id': expect.stringContaining(`${senderId}/${body.message_id}/conflict/`),
      'ce-owner': expect.any(String),
    });
    expect(JSON.parse(event?.data.toString() ?? '')).toMatchObject({
      message_id: body.message_id,
      error: 'MESSAGE_ID_CONFLICT',
    });
    expect(await dead.pull()).toEqual([]);
    expect(await document(senderId, body.message_id)).toMatchObject({ state: 'queued' });
    expect(await queuedIds()).toEqual([body.message_id]);
  });
});

describe('onDeadLetter', () => {
  const waiting = async (): Promise<string> =>
    (await host.api('POST', '/v1/messages', { body: request() })).body.message_id;
  /** What stands in the lane for it, as Pub/Sub gives it up. */
  const givenUp = async (messageId: string): Promise<{ data: Buffer; attributes: Record<string, string> }> => {
    const { data, attributes } = (await lane.pull()).find((one) => one.attributes['message_id'] === messageId)!;
    const added = {
      CloudPubSubDeadLetterSourceSubscription: `${LANE}-worker`,
      CloudPubSubDeadLetterSourceDeliveryCount: '100',
    };
    return { data, attributes: { ...attributes, ...added } };
  };
  /** As a worker puts it there. */
  const letter = (more: object = {}) => {
    const payload = Buffer.from('anything');
    const attributes = letterAttributes({
      payload,
      reason: 'INVALID_MESSAGE',
      detail: 'free text',
      origin: `${LANE}-worker`,
      senderId,
      ...more,
    });
    return {
      data: payload,
      attributes: {
        ...attributes,
        mac: deadLetterSigner({ current: HASH_KEY }).sign(signedBytes(attributes, payload)),
      },
    };
  };

  test('ends a message with the reason that a worker gave, and none of its words', async () => {
    const id = await waiting();
    const { data, attributes } = letter({ messageId: id });
    expect(await host.deliver('onDeadLetter', data, { attributes })).toBe(204);
    expect(await document(senderId, id)).toMatchObject({
      state: 'dead',
      error: 'INVALID_MESSAGE',
      error_description: expect.not.stringContaining('free text'),
    });
    expect((await events.pull()).map(({ attributes: told }) => [told['ce-id'], told['ce-owner']])).toEqual([
      [`${senderId}/${id}/dead`, expect.any(String)],
    ]);
  });

  test('ends a message that Pub/Sub gave up', async () => {
    const id = await waiting();
    const { data, attributes } = await givenUp(id);
    expect(await host.deliver('onDeadLetter', data, { attributes })).toBe(204);
    expect(await document(senderId, id)).toMatchObject({
      state: 'dead',
      error: 'MAX_DELIVERY_ATTEMPTS',
      error_description: expect.stringContaining('delivery attempts'),
    });
  });

  test.each([
    [
      'a letter of ours that was changed',
      (id: string) => Promise.resolve({ ...letter(), attributes: { ...letter().attributes, message_id: id } }),
    ],
    [
      'a letter that says nothing but an id',
      (id: string) =>
        Promise.resolve({
          data: Buffer.from('no JSON'),
          attributes: { reason: 'X', detail: 'a-token', message_id: id, sender_id: senderId },
        }),
    ],
    [
      'what Pub/Sub seems to have given up, with another mac',
      async (id: string) => {
        const { data, attributes } = await givenUp(id);
        return { data, attributes: { ...attributes, mac: 'bm90IG91cnM' } };
      },
    ],
    [
      'what was in no queue of ours',
      (id: string) =>
        Promise.resolve({
          data: Buffer.from('no JSON'),
          attributes: { message_id: id, CloudPubSubDeadLetterSourceSubscription: `${LANE}-worker` },
        }),
    ],
  ])('is not moved by %s: the message lives, and the alarm repeats no word of it', async (_, forge) => {
    const id = await waiting();
    const { data, attributes } = await forge(id);
    await events.pull(); // of other tests
    expect(await host.deliver('onDeadLetter', data, { attributes })).toBe(204);
    expect(await document(senderId, id)).toMatchObject({ state: 'queued' });
    expect(await events.pull()).toEqual([]);
    const line = host.log.findLast((text) => text.includes('dead_letter.rejected')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ severity: 'ERROR', outcome: 'notSigned' });
    expect(line).not.toMatch(new RegExp(`${id}|a-token`));
  });

  test('leaves a message that was replayed since', async () => {
    const id = await waiting();
    await change(senderId, id, { replayed_to: { timestampValue: new Date(Date.now() + 60_000).toISOString() } });
    const { data, attributes } = await givenUp(id);
    expect(await host.deliver('onDeadLetter', data, { attributes })).toBe(204);
    expect(await document(senderId, id)).toMatchObject({ state: 'queued' });
  });

  test('leaves a message that has ended', async () => {
    const id = await waiting();
    await change(senderId, id, { state: { stringValue: 'acked' } });
    const { data, attributes } = await givenUp(id);
    expect(await host.deliver('onDeadLetter', data, { attributes })).toBe(204);
    expect(await document(senderId, id)).toMatchObject({ state: 'acked' });
  });

  test.each([
    ['without an id', {}],
    ['of an unknown message', { messageId: 'unknown' }],
    ['of a sender that is not served', { messageId: 'a', senderId: '5' }],
    ['with an id that no document can have', { messageId: 'a/b' }],
  ])('acks a letter %s', async (_, more) => {
    const { data, attributes } = letter(more);
    expect(await host.deliver('onDeadLetter', data, { attributes })).toBe(204);
  });
});

describe('sweep', () => {
  test('ends what is in no queue, and nothing that is in its lane', async () => {
    const [lost, waits] = [request({ time_to_live: 86_400 }), request({ time_to_live: 86_400 })];
    for (const body of [lost, waits]) await host.api('POST', '/v1/messages', { body });
    await lane.subscribe('-worker'); // made only now: it has neither message, as if the queue had been lost
    const hoursAgo = (hours: number): object => ({
      timestampValue: new Date(Date.now() - hours * 3_600_000).toISOString(),
    });
    await change(senderId, lost.message_id, { updated_at: hoursAgo(3), created_at: hoursAgo(3) });
    expect(await host.sweep()).toBe(200);
    expect(await document(senderId, lost.message_id)).toMatchObject({ state: 'dead', error: 'NOT_IN_QUEUE' });
    expect(await document(senderId, waits.message_id)).toMatchObject({ state: 'queued' }); // too young to tell
    expect((await events.pull()).map(({ attributes }) => attributes['ce-id'])).toContain(
      `${senderId}/${lost.message_id}/dead`,
    );
    expect(JSON.parse(host.log.findLast((text) => text.includes('sweep.finished')) ?? '{}')).toMatchObject({
      severity: 'WARNING',
      lost: 1,
      lostLeft: 0,
      complete: true,
    });
  });

  test('ends what expired long ago and what a dead DELETE left, and logs what waits', async () => {
    const ids = await Promise.all(
      ['expired', 'cancelled', 'waits'].map(
        async () => (await host.api('POST', '/v1/messages', { body: request({ time_to_live: 60 }) })).body.message_id,
      ),
    );
    const [expired = '', cancelled = '', waits = ''] = ids;
    const longAgo = { timestampValue: '2026-01-01T00:00:00Z' };
    await change(senderId, expired, { created_at: longAgo });
    await change(senderId, cancelled, { cancel_requested_at: longAgo });
    expect(await host.sweep()).toBe(200);
    expect(await Promise.all(ids.map(async (id) => (await document(senderId, id))?.['state']))).toEqual([
      'expired',
      'cancelled',
      'queued',
    ]);
    expect((await events.pull()).map(({ attributes }) => attributes['ce-id'])).toEqual(
      expect.arrayContaining([`${senderId}/${expired}/expired`, `${senderId}/${cancelled}/cancelled`]),
    );
    const line = host.log.findLast((text) => text.includes('sweep.finished'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      severity: 'INFO',
      sender_id: senderId,
      expired: 1,
      cancelled: 1,
      failed: 0,
      complete: true,
      waiting: { minute: expect.any(Number) },
    });
    expect(waits).not.toBe('');
  });
});
