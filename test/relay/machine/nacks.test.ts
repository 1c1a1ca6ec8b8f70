import { NACK_CODES } from '../../../relay/protocol/ccs/nack-codes.ts';
import { Driver, hash, SENDER, START_MS, TOKEN } from './support/driver.ts';

const YEAR_MS = 365 * 86_400_000;

/** Table 4 of protocol §4, as it is read there. */
const FINAL = [
  'INVALID_JSON',
  'BAD_REGISTRATION',
  'DEVICE_UNREGISTERED',
  'SENDER_ID_MISMATCH',
  'INVALID_APNS_CREDENTIAL',
  'AUTHENTICATION_FAILED',
];
const LATER = [
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'DEVICE_MESSAGE_RATE_EXCEEDED',
  'TOPICS_MESSAGE_RATE_EXCEEDED',
];
const OTHERWISE = ['BAD_ACK', 'CONNECTION_DRAINING'];

test('every code of table 4 is tested here', () => {
  expect([...FINAL, ...LATER, ...OTHERWISE].sort()).toEqual([...NACK_CODES].sort());
});

describe('a nack that is final', () => {
  test.each(FINAL)('%s: the message is nacked at once, with the code and what CCS said of it', (error) => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', error, { description: 'Message rate exceeded for this topic: T' });
    expect(driver.only('write').change).toEqual({
      state: 'nacked',
      attempts: 1,
      error,
      errorDescription: 'Message rate exceeded for this topic',
      cancelRequestedAtMs: undefined,
      settledAtMs: START_MS,
      updatedAtMs: START_MS,
    });
    driver.written('m1');
    expect(driver.only('announce').events[0]).toMatchObject({
      id: `${SENDER}/m1/nacked`,
      type: 'fcm.message.nacked',
      data: { state: 'nacked', error, error_description: 'Message rate exceeded for this topic' },
    });
    driver.announced('m1');
    expect(driver.of('ackLease')).toHaveLength(1);
    expect(driver.of('send')).toEqual([]);
  });

  test.each([
    ['DEVICE_UNREGISTERED', 'unregistered'],
    ['BAD_REGISTRATION', 'bad'],
  ])('%s: the token is announced as dead, and marked under its hash', (error, state) => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', error);
    driver.written('m1');
    const { events, registration } = driver.only('announce');
    expect(events[1]).toEqual({
      id: `${SENDER}/m1/registration`,
      type: 'fcm.registration.unregistered',
      senderId: SENDER,
      timeMs: START_MS,
      data: { sender_id: SENDER, message_id: 'm1', registration_token: TOKEN, error },
    });
    expect(registration).toEqual({
      tokenHash: hash(TOKEN),
      record: { state, atMs: START_MS, expireAtMs: START_MS + YEAR_MS },
    });
  });

  test.each(FINAL.filter((error) => !['DEVICE_UNREGISTERED', 'BAD_REGISTRATION'].includes(error)))(
    '%s: says nothing of the token',
    (error) => {
      const driver = new Driver().open();
      driver.pending('m1');
      driver.nack('m1', error);
      driver.written('m1');
      expect(driver.did()).toContain('announce m1 message.nacked');
    },
  );

  test('a topic is no token that could die', () => {
    const driver = new Driver().open();
    driver.pending('m1', { to: '/topics/news' });
    driver.nack('m1', 'BAD_REGISTRATION');
    driver.written('m1');
    expect(driver.only('announce')).toMatchObject({
      events: [{ type: 'fcm.message.nacked' }],
      registration: undefined,
    });
  });

  test.each(['INVALID_APNS_CREDENTIAL', 'AUTHENTICATION_FAILED'])(
    '%s: someone is told that credentials are broken',
    (error) => {
      const driver = new Driver().open();
      driver.pending('m1');
      driver.nack('m1', error);
      expect(driver.notes('pushCredentials')).toEqual([{ kind: 'pushCredentials', messageId: 'm1', error }]);
    },
  );

  test('the token that CCS repeats in its text is not written down, nor what follows', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', 'INVALID_JSON', { description: ` Invalid token on 'to' field: ${TOKEN} ${'x'.repeat(600)}` });
    expect(driver.only('write').change.errorDescription).toBe("Invalid token on 'to' field: [to]");
  });
});

describe('a nack that passes', () => {
  test.each(['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'UNAVAILABLE'])(
    '%s: sent again on the same connection, after 1 s and a jitter of its own',
    (error) => {
      const driver = new Driver({ connections: 2 }).open();
      driver.pending('m1');
      driver.random = 0.25;
      driver.nack('m1', error);
      expect(driver.notes('resting')).toEqual([
        { kind: 'resting', messageId: 'm1', error, waitMs: 1_250, attempts: 1 },
      ]);
      expect(driver.counts).toEqual({ resting: 1 });
      driver.did();
      driver.pass(1_249);
      expect(driver.did()).toEqual([]);
      driver.pass(1);
      expect(driver.only('write').change).toEqual({ state: 'sent', attempts: 1, error, updatedAtMs: driver.nowMs });
      driver.forget();
      driver.written('m1');
      expect(driver.did()).toEqual(['send m1 on c1']);
    },
  );

  test('each further one at least doubles the wait', () => {
    const driver = new Driver().open();
    driver.random = 0;
    driver.pending('m1');
    const waits: number[] = [];
    for (let n = 0; n < 6; n++) {
      driver.nack('m1', 'SERVICE_UNAVAILABLE');
      const [{ waitMs } = { waitMs: NaN }] = driver.notes('resting');
      waits.push(waitMs);
      driver.pass(waitMs);
      driver.report('c1', { kind: 'upstream', messageId: `u${n}`, from: 'd', data: {}, length: 0 }); // the far end lives
      driver.written('m1');
      driver.forget();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
  });

  test('a code that is missing counts as INTERNAL_SERVER_ERROR, and has a name', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', '');
    expect(driver.notes('resting')).toMatchObject([{ error: 'NO_ERROR_CODE', waitMs: 1_500 }]);
  });

  test.each([TOKEN.slice(-12).toUpperCase().replace(/\W/g, '_'), 'A_NEW_CODE'])(
    'a code that nobody knows is not repeated anywhere: it might be a piece of a token (%s)',
    (code) => {
      const driver = new Driver().open();
      driver.pending('m1');
      driver.nack('m1', code);
      expect(driver.notes('resting')).toMatchObject([{ error: 'UNKNOWN_ERROR_CODE' }]);
      expect(JSON.stringify(driver.effects)).not.toContain(code);
    },
  );

  test('a code that is no word is not repeated anywhere: it might hold a token', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', `no such token: ${TOKEN}`);
    driver.nack('m1', `no such token: ${TOKEN}`);
    expect(JSON.stringify(driver.effects)).not.toContain(TOKEN);
    expect(driver.notes('answered')).toMatchObject([{ error: 'UNREADABLE_ERROR_CODE' }]);
  });

  test('what is acked in the end has its error no longer', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', 'SERVICE_UNAVAILABLE');
    driver.pass(1_500);
    driver.written('m1');
    driver.ack('m1');
    expect(driver.of('write').at(-1)?.change).toMatchObject({ state: 'acked', attempts: 2, error: undefined });
  });
});

test('BAD_ACK is a defect of ours: noted, and no message is concerned, even one of that id', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.nack('m1', 'BAD_ACK');
  expect(driver.notes('defect')).toEqual([{ kind: 'defect', connection: 'c1', what: 'BAD_ACK' }]);
  expect(driver.did()).toEqual([]);
  expect(driver.connections).toEqual(['c1 open 1']);
});

test('a canonical token: announced and marked as the replacement', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.report('c1', { kind: 'accepted', messageId: 'm1', canonicalToken: 'new-token' });
  driver.written('m1');
  const { events, registration } = driver.only('announce');
  expect(events.map(({ type }) => type)).toEqual(['fcm.message.acked', 'fcm.registration.replaced']);
  expect(events[1]?.data).toEqual({
    sender_id: SENDER,
    message_id: 'm1',
    registration_token: TOKEN,
    canonical_registration_token: 'new-token',
  });
  expect(registration?.record).toEqual({
    state: 'replaced',
    replacedByHash: hash('new-token'),
    atMs: START_MS,
    expireAtMs: START_MS + YEAR_MS,
  });
});

test('a canonical token that is the one used replaces nothing', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.report('c1', { kind: 'accepted', messageId: 'm1', canonicalToken: TOKEN });
  driver.written('m1');
  expect(driver.did()).toContain('announce m1 message.acked');
});
