import { Driver } from './support/driver.ts';

test('a waiting message is handed back at once', () => {
  const driver = new Driver({ pendingLimit: 1 }).open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE'); // rests
  driver.pending('m2');
  for (const id of ['m3', 'm4', 'm5', 'm6']) driver.pull(id);
  driver.answerRead('m3');
  expect(driver.counts).toEqual({ resting: 1, pending: 1, ready: 1, reading: 1, held: 2 });
  driver.forget();
  driver.stop();
  expect(driver.notes('handedBack').map(({ messageId, why }) => `${messageId} ${why}`)).toEqual([
    'm1 stopping',
    'm3 stopping',
    'm5 stopping',
    'm6 stopping',
  ]);
  expect(driver.did()).toEqual(['releaseLease 1', 'releaseLease 3', 'releaseLease 5', 'releaseLease 6']);
  expect(driver.counts).toEqual({ pending: 1, reading: 1 });
});

test('a pending message is waited for, and its answer counts', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.stop();
  driver.pass(900);
  driver.ack('m1');
  driver.written('m1');
  driver.announced('m1');
  expect(driver.did()).toEqual(['write m1 acked', 'announce m1 message.acked', 'ackLease 1', 'drained', 'close c1']);
});

test('then handed back, with its attempts written: nothing is lost', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.stop(900);
  driver.pass(899);
  expect(driver.did()).toEqual([]);
  driver.pass(1);
  expect(driver.only('write').change).toMatchObject({ state: 'sent', attempts: 1 });
  expect(driver.notes('handedBack')).toEqual([{ kind: 'handedBack', messageId: 'm1', why: 'stopping' }]);
  driver.did();
  driver.written('m1');
  expect(driver.did()).toEqual(['releaseLease 1', 'drained', 'close c1']);
});

test('handed back, it holds no slot any more, and an answer finds nothing', () => {
  const driver = new Driver().open();
  for (const id of ['m1', 'm2']) driver.pending(id);
  driver.stop(0);
  driver.written('m1');
  expect(driver.connections).toEqual(['c1 open 1']);
  driver.ack('m1');
  expect(driver.notes('unmatchedAnswer')).toMatchObject([{ messageId: 'm1' }]);
});

test('an answer while that is written still settles it', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pending('m2');
  driver.stop(0);
  driver.did();
  driver.ack('m1');
  driver.nack('m2', 'DEVICE_UNREGISTERED');
  driver.written('m1', 'm2');
  expect(driver.did()).toEqual(['write m1 acked', 'write m2 nacked']);
  driver.written('m1', 'm2');
  expect(driver.did()).toEqual(['announce m1 message.acked', 'announce m2 message.nacked registration.unregistered']);
});

test('a message pending on a lost connection is handed back, not sent again', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.stop();
  driver.nowMs += 2_000;
  driver.closed('c1');
  driver.written('m1');
  expect(driver.did()).toEqual(['write m1 sent', 'connect c2', 'releaseLease 1', 'drained', 'close c2']);
});

test('a message that has to wait is handed back', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.stop();
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  expect(driver.only('write').change).toMatchObject({ state: 'queued', attempts: 1, error: 'SERVICE_UNAVAILABLE' });
  driver.written('m1');
  expect(driver.did()).toEqual(['write m1 queued', 'releaseLease 1', 'drained', 'close c1']);
});

test('a read finishes, and its message is handed back unsent', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.stop();
  driver.answerRead('m1');
  expect(driver.did()).toEqual(['read m1', 'releaseLease 1', 'drained', 'close c1']);
});

test('a read that finds it settled, or to be cancelled, ends it', () => {
  const driver = new Driver().open();
  for (const id of ['m1', 'm2']) driver.pull(id);
  driver.stop();
  driver.did();
  driver.answerRead('m1', { state: 'acked' });
  driver.answerRead('m2', { cancelRequestedAtMs: 1 });
  expect(driver.did()).toEqual(['announce m1 message.acked', 'write m2 cancelled']);
});

test('a claim finishes, and its message is handed back unsent', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.answerRead('m1', { state: 'sent', attempts: 1 });
  driver.stop();
  driver.did();
  driver.written('m1');
  expect(driver.did()).toEqual(['releaseLease 1', 'drained', 'close c1']);
});

test('a settled message is announced before the end', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.ack('m1');
  driver.stop(0);
  expect(driver.did()).toEqual(['write m1 acked']);
  driver.written('m1');
  driver.feed({ kind: 'announceFailed', messageId: 'm1' });
  driver.pass(300);
  driver.announced('m1');
  expect(driver.did()).toEqual([
    'announce m1 message.acked',
    'announce m1 message.acked',
    'ackLease 1',
    'drained',
    'close c1',
  ]);
});

test('a message pulled afterwards is handed back at once, even if another copy is held', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.stop();
  driver.pull('m2');
  driver.pull('m1');
  expect(driver.did()).toEqual(['releaseLease 2', 'releaseLease 3']);
});

test('with nothing held it is over at once, once; no connection is opened any more', () => {
  const driver = new Driver({ connections: 2 }).open();
  driver.stop();
  expect(driver.did()).toEqual(['drained', 'close c1', 'close c2']);
  driver.stop();
  driver.closed('c1', 'orderly');
  driver.closed('c2', 'failed');
  driver.pull('m1');
  driver.pass(120_000);
  expect(driver.notes('closed').map(({ nextAttemptInMs }) => nextAttemptInMs)).toEqual([undefined, undefined]);
  expect(driver.did()).toEqual(['releaseLease 1']);
});

describe('upstream', () => {
  const receive = (driver: Driver, messageId: string): void =>
    driver.report('c1', { kind: 'upstream', messageId, from: 'device', data: {}, length: 0 });

  test('that is being published is waited for, then acked', () => {
    const driver = new Driver().open();
    receive(driver, 'u1');
    driver.stop();
    driver.feed({ kind: 'published', key: driver.only('publish').key });
    expect(driver.did()).toEqual(['publish u1', 'ack u1 on c1', 'drained', 'close c1']);
  });

  test('that comes while answers are waited for is taken; afterwards it is left to the next connection, so that a flood ends', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.stop(500);
    receive(driver, 'u1');
    driver.pass(500);
    receive(driver, 'u2');
    receive(driver, 'u1');
    expect(driver.notes('upstreamRefused')).toHaveLength(1);
    driver.written('m1');
    driver.feed({ kind: 'published', key: driver.only('publish').key });
    expect(driver.did()).toEqual([
      'publish u1',
      'write m1 sent',
      'releaseLease 1',
      'ack u1 on c1',
      'drained',
      'close c1',
    ]);
  });
});

test('a second stop does not change the deadline', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.stop(5_000);
  driver.stop(0);
  driver.pass(900);
  expect(driver.counts).toEqual({ pending: 1 });
});

test('what would wait, or be sent again, goes back because of the stop', () => {
  const driver = new Driver().open();
  for (const id of ['m1', 'm2']) driver.pending(id);
  driver.stop();
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.closed('c1');
  expect(driver.notes('handedBack').map(({ messageId, why }) => `${messageId} ${why}`)).toEqual([
    'm1 stopping',
    'm2 stopping',
  ]);
});

test('the end of a wait finds nothing when the stop has handed the message back before', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pending('m2');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.stop(60_000);
  driver.forget();
  driver.pass(10_000);
  expect(driver.counts).toEqual({ pending: 1 });
});
