import { NOW_OR_NEVER_MS } from '../../../relay/model/time-to-live.ts';
import fc from 'fast-check';
import { Driver, START_MS } from './support/driver.ts';

const told = (driver: Driver): number => driver.only('send').ttlSeconds;

test('over before it was read: read once, settled as expired, never sent', () => {
  const driver = new Driver().open();
  driver.pull('m1', { time_to_live: 60, acceptedAtMs: START_MS - 60_000 });
  driver.answerRead('m1');
  expect(driver.only('write').change).toMatchObject({
    state: 'expired',
    attempts: 0,
    error: undefined,
    errorDescription: 'time_to_live expired before FCM accepted the message',
    settledAtMs: START_MS,
  });
  driver.written('m1');
  driver.announced('m1');
  expect(driver.did()).toEqual(['read m1', 'write m1 expired', 'announce m1 message.expired', 'ackLease 1']);
});

test('a millisecond before its end it is still sent', () => {
  const driver = new Driver().open();
  driver.pull('m1', { time_to_live: 60, acceptedAtMs: START_MS - 59_999 });
  driver.answerRead('m1');
  expect(told(driver)).toBe(1);
});

test('over while it rests: it is not waited for longer, and keeps the answer that made it wait', () => {
  const driver = new Driver().open();
  driver.pending('m1', { time_to_live: 1 });
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  expect(driver.notes('resting')).toMatchObject([{ waitMs: 1_000 }]);
  driver.pass(1_000);
  expect(driver.only('write').change).toMatchObject({ state: 'expired', attempts: 1, error: 'SERVICE_UNAVAILABLE' });
  expect(driver.of('send')).toEqual([]);
});

test('over already when the answer to wait comes: settled in the same moment', () => {
  const driver = new Driver().open();
  driver.pending('m1', { time_to_live: 1 });
  driver.nowMs += 2_000;
  driver.forget();
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.written('m1');
  expect(driver.did()).toEqual(['write m1 queued', 'write m1 expired']);
});

test('over while it waits for a connection: nothing is sent on the one that comes', () => {
  const driver = new Driver().start();
  driver.pull('m1', { time_to_live: 5 });
  driver.answerRead('m1');
  driver.pass(5_000);
  driver.forget();
  driver.opened('c1');
  expect(driver.did()).toEqual(['write m1 expired']);
});

test('over while it is claimed: not sent', () => {
  const driver = new Driver().start();
  driver.pull('m1', { time_to_live: 2 });
  driver.answerRead('m1');
  driver.pass(1_500);
  driver.opened('c1');
  driver.pass(600);
  driver.did();
  driver.written('m1');
  expect(driver.did()).toEqual(['write m1 expired']);
});

describe('over after a send whose outcome nobody knows (guarantee 9): unknown, not expired', () => {
  const ENDED = {
    state: 'unknown',
    errorDescription: 'time_to_live expired after a send that FCM never answered',
  };

  test('the connection was lost', () => {
    const driver = new Driver().open();
    driver.pending('m1', { time_to_live: 5 });
    driver.closed('c1');
    driver.written('m1');
    driver.pass(5_000);
    driver.opened('c2');
    expect(driver.of('write').at(-1)?.change).toMatchObject({ ...ENDED, attempts: 1 });
    driver.written('m1');
    expect(driver.of('announce').at(-1)?.events).toMatchObject([
      { type: 'fcm.message.unknown', data: { state: 'unknown' } },
    ]);
  });

  test('refused after that: the first copy may still be with FCM', () => {
    const driver = new Driver().open();
    driver.pending('m1', { time_to_live: 2 });
    driver.closed('c1');
    driver.pass(500);
    driver.opened('c2');
    driver.written('m1');
    driver.nack('m1', 'SERVICE_UNAVAILABLE', { connection: 'c2' });
    driver.pass(2_000);
    expect(driver.of('write').at(-1)?.change).toMatchObject({ ...ENDED, error: 'SERVICE_UNAVAILABLE' });
  });

  test('another worker had it before, and may have been killed between send and mark', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2, time_to_live: 60, acceptedAtMs: START_MS - 60_000 });
    driver.answerRead('m1');
    expect(driver.only('write').change).toMatchObject(ENDED);
  });

  test('but expired where the other worker wrote that each of its sends was refused', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2, time_to_live: 60, acceptedAtMs: START_MS - 60_000 });
    driver.answerRead('m1', { attempts: 3, error: 'SERVICE_UNAVAILABLE' });
    expect(driver.only('write').change).toMatchObject({ state: 'expired', attempts: 3, error: 'SERVICE_UNAVAILABLE' });
  });

  test('found out only when the end is written: another worker has sent it meanwhile', () => {
    const driver = new Driver().open();
    driver.pull('m1', { time_to_live: 60, acceptedAtMs: START_MS - 60_000 });
    driver.answerRead('m1');
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1 });
    expect(driver.of('write').map(({ change }) => change.state)).toEqual(['expired', 'unknown']);
  });
});

describe('time_to_live 0: now or never', () => {
  test('is given a moment to be handed over, and CCS is told 0', () => {
    const driver = new Driver().open();
    driver.pull('m1', { time_to_live: 0, acceptedAtMs: START_MS - NOW_OR_NEVER_MS + 1 });
    driver.answerRead('m1');
    expect(told(driver)).toBe(0);
  });

  test('after that moment it expires', () => {
    const driver = new Driver().open();
    driver.pull('m1', { time_to_live: 0, acceptedAtMs: START_MS - NOW_OR_NEVER_MS });
    driver.answerRead('m1');
    expect(driver.did()).toEqual(['read m1', 'write m1 expired']);
  });
});

describe('what CCS is told', () => {
  test('counts down from when the message was accepted', () => {
    const driver = new Driver().open();
    driver.pull('m1', { time_to_live: 600, acceptedAtMs: START_MS - 100_500 });
    driver.answerRead('m1');
    expect(told(driver)).toBe(500);
    driver.nack('m1', 'SERVICE_UNAVAILABLE');
    driver.pass(1_500);
    driver.forget();
    driver.written('m1');
    expect(told(driver)).toBe(498);
  });

  test('is never more than the message was given, whatever the clocks say: CCS would refuse more than 2 419 200', () => {
    const driver = new Driver().open();
    driver.pull('m1', { time_to_live: 2_419_200, acceptedAtMs: START_MS + 50 });
    driver.answerRead('m1');
    expect(told(driver)).toBe(2_419_200);
  });

  test('is a whole number of seconds from 1 to what it was given, and at most a second more than is left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_419_200 }),
        fc.integer({ min: -5_000, max: 2_419_200_000 }),
        (ttl, ageMs) => {
          fc.pre(ageMs < ttl * 1_000);
          const driver = new Driver().open();
          driver.pull('m1', { time_to_live: ttl, acceptedAtMs: START_MS - ageMs });
          driver.answerRead('m1');
          const seconds = told(driver);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(1);
          expect(seconds).toBeLessThanOrEqual(ttl);
          expect(seconds * 1_000).toBeLessThan(ttl * 1_000 - ageMs + 1_000);
        },
      ),
    );
  });
});

describe('with no connection for a while (away.test.ts: before it is too long)', () => {
  test('what waits in line expires all the same, within a minute of its time', () => {
    const driver = new Driver({ awayLimitMs: 1e9 }).start();
    driver.pull('m1', { time_to_live: 30 });
    driver.answerRead('m1');
    driver.forget();
    driver.pass(95_000);
    expect(driver.only('write').change).toMatchObject({ state: 'expired', attempts: 0 });
  });

  test('also what was not even read; and a connection that opens then finds nothing to send', () => {
    const driver = new Driver({ pendingLimit: 1, awayLimitMs: 1e9 }).start();
    for (const id of ['m1', 'm2', 'm3', 'm4']) driver.pull(id, { time_to_live: 30 });
    for (const id of ['m1', 'm2']) driver.answerRead(id);
    driver.forget();
    driver.pass(95_000);
    for (const id of ['m3', 'm4']) driver.answerRead(id);
    const changes = driver.of('write').map(({ change }) => change.state);
    expect(changes).toEqual(['expired', 'expired', 'expired', 'expired']);
    driver.opened('c1');
    expect(driver.of('send')).toEqual([]);
  });
});
