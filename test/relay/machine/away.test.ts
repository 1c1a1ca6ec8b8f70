import { Driver } from './support/driver.ts';

const LIMIT_MS = 10_000;

/** One that is read, one that is not. */
function waiting(): Driver {
  const driver = new Driver({ pendingLimit: 1 }).start();
  for (const id of ['m1', 'm2', 'm3']) driver.pull(id);
  for (const id of ['m1', 'm2']) driver.answerRead(id);
  driver.did();
  return driver;
}

test('no connection for ten seconds: pulling pauses, and what waits goes where it can be sent', () => {
  const driver = waiting();
  driver.pass(LIMIT_MS - 1);
  expect(driver.did()).toEqual([]);
  driver.pass(1);
  expect(driver.notes('away')).toEqual([{ kind: 'away', handedBack: 3 }]);
  expect(driver.did()).toEqual(['pausePulls', 'releaseLease 1', 'releaseLease 2', 'releaseLease 3']);
});

test('once an outage: what was on its way then goes back too, and nothing happens after that', () => {
  const driver = waiting();
  driver.pass(LIMIT_MS);
  driver.did();
  const lease = driver.pull('late');
  expect(driver.did()).toEqual([`releaseLease ${lease}`]);
  driver.pass(600_000);
  expect(driver.did()).toEqual([]);
});

test('pulling goes on when a connection opens', () => {
  const driver = waiting();
  driver.pass(LIMIT_MS);
  driver.did();
  driver.opened('c1');
  expect(driver.notes('backAgain')).toHaveLength(1);
  expect(driver.did()).toEqual(['resumePulls']);
  driver.pending('m4');
});

test('the same when CCS goes away later, and again in the next outage; a short one changes nothing', () => {
  const driver = new Driver().open();
  for (const [from, to, away] of [
    ['c1', 'c2', true],
    ['c2', 'c3', true],
    ['c3', 'c4', false],
  ] as const) {
    driver.closed(from);
    driver.pass(away ? LIMIT_MS : LIMIT_MS - 1);
    driver.opened(to);
    expect(driver.did().filter((line) => line.endsWith('Pulls'))).toEqual(away ? ['pausePulls', 'resumePulls'] : []);
    driver.passAlive(2_000);
    driver.forget();
  }
});

test('a connection that drains is none: nothing new may be sent on it', () => {
  const driver = new Driver().open();
  driver.drain('c1');
  driver.passAlive(LIMIT_MS + 1_000);
  expect(driver.did()).toContain('pausePulls');
});

test('what is read, claimed or settled at that moment first comes to its next step', () => {
  const driver = new Driver({ pendingLimit: 2 }).open();
  driver.pending('acked');
  driver.ack('acked');
  driver.pull('read');
  driver.closed('c1');
  driver.pass(LIMIT_MS);
  driver.did();
  driver.answerRead('read');
  driver.written('acked');
  driver.announced('acked');
  expect(driver.did()).toEqual(['releaseLease 2', 'announce acked message.acked', 'ackLease 1']);
});

test('what waits for another send is written down first', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.closed('c1');
  driver.pass(LIMIT_MS);
  expect(driver.did()).toEqual(['write m1 sent', 'connect c2', 'pausePulls']);
  driver.written('m1');
  expect(driver.did()).toEqual(['releaseLease 1']);
});

test('claimed and not sent: its document says queued again, so that it may still be cancelled, and expire', () => {
  const driver = new Driver().start();
  driver.pull('m1');
  driver.answerRead('m1');
  driver.pass(1_500);
  driver.opened('c1'); // its read is old: it is claimed
  driver.closed('c1');
  driver.written('m1');
  driver.pass(LIMIT_MS);
  expect(driver.of('write').map(({ change }) => change.state)).toEqual(['sent', 'queued']);
  driver.written('m1');
  expect(driver.did()).toContain('releaseLease 1');
});
