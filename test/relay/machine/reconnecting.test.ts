import { Driver } from './support/driver.ts';

const MINUTE_MS = 60_000;

/** How long each attempt made the next one wait. */
const waits = (driver: Driver): (number | undefined)[] =>
  driver.notes('closed').map(({ nextAttemptInMs }) => nextAttemptInMs);

function connecting(driver: Driver): string | undefined {
  return driver.connections.find((line) => line.includes('connecting'))?.split(' ')[0];
}

function failTimes(driver: Driver, times: number): void {
  for (let n = 0; n < times; n++) {
    while (connecting(driver) === undefined) driver.pass(100);
    driver.closed(connecting(driver)!);
  }
}

test('the first wake opens as many as there should be', () => {
  const driver = new Driver({ connections: 3 }).start();
  expect(driver.did()).toEqual(['connect c1', 'connect c2', 'connect c3']);
});

test('attempts that fail follow with full jitter, doubling, up to the cap', () => {
  const driver = new Driver().start();
  driver.random = 0.999_999;
  failTimes(driver, 9);
  expect(waits(driver)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('the jitter may be anything from nothing on', () => {
  const driver = new Driver().start();
  driver.random = 0;
  driver.closed('c1');
  expect(driver.did()).toEqual(['connect c1', 'connect c2']);
  driver.random = 0.5;
  driver.closed('c2');
  expect(waits(driver)).toEqual([500]);
  expect(driver.did()).toEqual([]);
  driver.pass(499);
  expect(driver.did()).toEqual([]);
  driver.pass(1);
  expect(driver.did()).toEqual(['connect c3']);
});

test.each(['orderly', 'failed'] as const)('after a connection that worked (%s) the next follows at once', (how) => {
  const driver = new Driver().start();
  failTimes(driver, 3);
  driver.pass(MINUTE_MS);
  driver.opened(connecting(driver)!);
  driver.pass(2_000);
  driver.forget();
  driver.closed('c4', how);
  expect(waits(driver)).toEqual([0]);
  expect(driver.did()).toEqual(['connect c5']);
});

test('a server that greets and hangs up counts as one that fails', () => {
  const driver = new Driver().start();
  const met: number[] = [];
  for (let n = 0; n < 8; n++) {
    while (connecting(driver) === undefined) driver.pass(100);
    met.push(driver.nowMs);
    const connection = connecting(driver)!;
    driver.opened(connection);
    driver.pass(200);
    driver.closed(connection, 'orderly');
  }
  expect(waits(driver)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
});

describe('refused credentials', () => {
  test('are tried again slowly, and the status says so until they are taken', () => {
    const driver = new Driver({ awayLimitMs: 1e9 }).start();
    driver.closed('c1', 'refusedCredentials');
    expect(driver.relay.status().credentialsRefused).toBe(true);
    expect(waits(driver)).toEqual([90_000]);
    driver.forget();
    driver.pass(89_999);
    expect(driver.did()).toEqual([]);
    driver.pass(1);
    expect(driver.did()).toEqual(['connect c2']);
    expect(driver.relay.status().credentialsRefused).toBe(true);
    driver.opened('c2');
    expect(driver.relay.status().credentialsRefused).toBe(false);
  });

  test('a network that fails in between does not make them good', () => {
    const driver = new Driver({ awayLimitMs: 1e9 }).start();
    driver.closed('c1', 'refusedCredentials');
    driver.pass(90_000);
    driver.closed('c2', 'failed');
    expect(driver.relay.status().credentialsRefused).toBe(true);
  });

  test('several that are refused together are one wait, not one after the other', () => {
    const driver = new Driver({ connections: 2, awayLimitMs: 1e9 }).start();
    driver.closed('c1', 'refusedCredentials');
    driver.closed('c2', 'refusedCredentials');
    expect(waits(driver)).toEqual([90_000, 90_000]);
    driver.forget();
    driver.pass(90_000);
    expect(driver.did()).toEqual(['connect c3', 'connect c4']);
  });
});

test('an opening that comes too late, or twice, changes nothing', () => {
  const driver = new Driver({ awayLimitMs: 1e9 }).start();
  driver.closed('c1');
  driver.forget();
  driver.opened('c1');
  expect(driver.effects).toEqual([]);
  driver.pass(MINUTE_MS);
  driver.opened('c2');
  driver.forget();
  driver.opened('c2');
  driver.closed('never-there');
  expect(driver.effects).toEqual([]);
});

test('an attempt that takes long and fails is one that failed, not a connection that worked', () => {
  const driver = new Driver({ awayLimitMs: 1e9 }).start();
  driver.pass(10_000);
  driver.closed('c1');
  expect(waits(driver)).toEqual([250]);
});

test('a connection that worked wipes out the failures before it: the next one that fails is the first', () => {
  const driver = new Driver({ awayLimitMs: 1e9 }).start();
  failTimes(driver, 5);
  driver.pass(MINUTE_MS);
  driver.opened(connecting(driver)!);
  driver.pass(2_000);
  driver.closed('c6');
  driver.forget();
  driver.closed('c7');
  expect(waits(driver)).toEqual([250]);
});

test('what happens to a connection is noted: opened, closed and how; nothing is lost with an idle one, nor refused by one that failed', () => {
  const driver = new Driver({ awayLimitMs: 1e9 }).start();
  expect(driver.relay.status().credentialsRefused).toBe(false);
  driver.opened('c1');
  expect(driver.notes('opened')).toEqual([{ kind: 'opened', connection: 'c1', purpose: 'regular' }]);
  driver.closed('c1');
  expect(driver.notes('closed')).toEqual([
    { kind: 'closed', connection: 'c1', how: 'failed', detail: 'by the test', nextAttemptInMs: 250 },
  ]);
  expect(driver.notes('lost')).toEqual([]);
  expect(driver.relay.status().credentialsRefused).toBe(false);
});

test('what we give up has failed, and says why', () => {
  const silent = new Driver().open();
  silent.pass(30_000);
  expect(silent.notes('closed')).toMatchObject([{ how: 'failed', detail: 'nothing heard' }]);
  const unanswered = new Driver().open();
  unanswered.pending('m1');
  unanswered.passAlive(2 * MINUTE_MS);
  expect(unanswered.notes('closed')).toMatchObject([{ how: 'failed', detail: 'a message stayed unanswered' }]);
});
