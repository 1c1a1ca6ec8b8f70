import type { RuleInput } from '../../fcm-emulator/client.ts';
import type { MessageRecord } from '../../relay/model/record.ts';
import { Rig } from '../../dev/stack/rig/rig.ts';

const FINAL = [
  'INVALID_JSON',
  'BAD_REGISTRATION',
  'DEVICE_UNREGISTERED',
  'SENDER_ID_MISMATCH',
  'INVALID_APNS_CREDENTIAL',
  'AUTHENTICATION_FAILED',
];
const RETRIED = ['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'A_CODE_OF_NEXT_YEAR'];
const RATES = ['DEVICE_MESSAGE_RATE_EXCEEDED', 'TOPICS_MESSAGE_RATE_EXCEEDED'];
const REFUSALS_OF_RETRIED = 2;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
}, 60_000);
afterAll(() => rig.close(), 30_000);

/** Sends one message that FCM answers by this rule, and waits until it settles. */
async function answered(
  messageId: string,
  fault: RuleInput['fault'],
  { to = `token-of-${messageId}`, times }: { to?: string; times?: number } = {},
): Promise<MessageRecord> {
  await rig.ccs.control.rules.add({ match: { messageId }, fault, ...(times !== undefined && { times }) });
  const [record] = await rig.settled(await rig.accept([{ message_id: messageId, to, data: { a: 'b' } }]));
  if (record === undefined) throw new Error('no record');
  return record;
}

/** The waits between the sends of one message, as FCM saw them. */
async function waitsOf(messageId: string): Promise<number[]> {
  const times = (await rig.ccs.control.messages({ messageId })).map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

test.each(FINAL)(
  '%s is final: one attempt, nacked, with its code and text, without the token',
  async (error) => {
    const messageId = `final-${error}`;
    const record = await answered(messageId, {
      kind: 'nack',
      error,
      description: `Invalid token on 'to' field: token-of-${messageId}`,
    });
    expect(record).toMatchObject({
      state: 'nacked',
      attempts: 1,
      error,
      errorDescription: "Invalid token on 'to' field: [to]",
    });
    expect(await waitsOf(messageId)).toEqual([]);
    const [event] = await rig.events.about('fcm.message.nacked', messageId);
    expect(event?.data).toMatchObject({ error, state: 'nacked' });
  },
  30_000,
);

test.each(['DEVICE_UNREGISTERED', 'BAD_REGISTRATION'])(
  '%s publishes that the token is unregistered',
  async (error) => {
    const messageId = `dead-token-${error}`;
    await answered(messageId, { kind: 'nack', error });
    const events = await rig.events.about('fcm.registration.unregistered', messageId);
    expect(events.map(({ data }) => data)).toEqual([
      { sender_id: rig.senderId, message_id: messageId, registration_token: `token-of-${messageId}`, error },
    ]);
  },
  30_000,
);

test('a canonical id: acked, and the replacement is published', async () => {
  const record = await answered('canonical-1', { kind: 'canonical', registrationId: 'the-new-token' });
  expect(record).toMatchObject({ state: 'acked', attempts: 1 });
  const [event] = await rig.events.waitFor('fcm.registration.replaced', 1);
  expect(event?.data).toMatchObject({
    registration_token: 'token-of-canonical-1',
    canonical_registration_token: 'the-new-token',
  });
}, 30_000);

test('SERVICE_UNAVAILABLE, INTERNAL_SERVER_ERROR, an unknown code: retried after 1 s, then 2 s, or more', async () => {
  const records = await Promise.all(
    RETRIED.map((error) => answered(`retried-${error}`, { kind: 'nack', error }, { times: REFUSALS_OF_RETRIED })),
  );
  expect(records.map(({ state, attempts }) => ({ state, attempts }))).toEqual(
    RETRIED.map(() => ({ state: 'acked', attempts: 3 })),
  );
  for (const error of RETRIED) {
    const [first = 0, second = 0] = await waitsOf(`retried-${error}`);
    expect(first).toBeGreaterThanOrEqual(1_000);
    expect(second).toBeGreaterThanOrEqual(2_000);
  }
}, 60_000);

test('a rate nack slows down that device or topic only', async () => {
  const targets = ['a-device-that-got-too-much', '/topics/busy'];
  const done = Promise.all(
    RATES.map((error, at) => answered(`rate-${error}`, { kind: 'nack', error }, { to: targets[at] ?? '', times: 1 })),
  );
  await rig.events.waitFor('fcm.message.acked', 1);
  const [toOther] = await rig.settled(
    await rig.accept([{ message_id: 'to-another-device', to: 'another-device', data: { a: 'b' } }]),
  );
  expect(toOther).toMatchObject({ state: 'acked', attempts: 1 });
  const records = await done;
  expect(records.map(({ state, attempts }) => ({ state, attempts }))).toEqual(
    RATES.map(() => ({ state: 'acked', attempts: 2 })),
  );
  for (const error of RATES) expect((await waitsOf(`rate-${error}`))[0]).toBeGreaterThanOrEqual(5_000);
}, 60_000);

test('CONNECTION_DRAINING: sent again at once, on another connection', async () => {
  const record = await answered('drained-1', { kind: 'nack', error: 'CONNECTION_DRAINING' }, { times: 1 });
  expect(record).toMatchObject({ state: 'acked', attempts: 2 });
  const sends = await rig.ccs.control.messages({ messageId: 'drained-1' });
  expect(new Set(sends.map(({ connection }) => connection)).size).toBe(2);
  expect((await waitsOf('drained-1'))[0]).toBeLessThan(3_000); // a new connection opens in between
}, 60_000);

test('a stanza error is final: STANZA_ERROR, with its text', async () => {
  const text = 'InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id\n';
  const record = await answered('stanza-error-1', { kind: 'stanzaError', text });
  expect(record).toMatchObject({
    state: 'nacked',
    attempts: 1,
    error: 'STANZA_ERROR',
    errorDescription: expect.stringContaining('Missing Required Field'),
  });
}, 30_000);

test('a repeated answer changes nothing; an unanswered message is resent when the connection is lost', async () => {
  const twice = await answered('answered-twice', { kind: 'repeat', times: 2 });
  expect(twice).toMatchObject({ state: 'acked', attempts: 1 });

  await rig.ccs.control.rules.add({
    match: { messageId: 'reset-1' },
    fault: { kind: 'reset', accept: true },
    times: 1,
  });
  const [lost] = await rig.settled(
    await rig.accept([{ message_id: 'reset-1', to: 'token-of-reset-1', data: { a: 'b' } }]),
  );
  expect(lost).toMatchObject({ state: 'acked', attempts: 2 }); // FCM answers "received before": it took the first one
  const sends = await rig.ccs.control.messages({ messageId: 'reset-1' });
  expect(sends.map(({ answer }) => answer)).toEqual(['ack', 'INVALID_JSON']); // the ack was lost with the connection
  expect(new Set(sends.map(({ connection }) => connection)).size).toBe(2);
}, 60_000);
