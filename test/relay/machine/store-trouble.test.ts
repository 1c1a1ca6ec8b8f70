import { Driver } from './support/driver.ts';

/** The store fails: nobody knows what happened, so wait, read, and see. */
const failures = (driver: Driver): number[] => driver.notes('storeFailed').map((note) => note.failures);

test('a read that fails is repeated with a backoff, and the others are not held up', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.pull('m2');
  driver.did();
  driver.storeFailed('m1');
  driver.answerRead('m2');
  expect(driver.did()).toEqual(['send m2 on c1']);
  driver.pass(299);
  expect(driver.did()).toEqual([]);
  driver.pass(1);
  expect(driver.did()).toEqual(['read m1']);
  driver.storeFailed('m1');
  expect(failures(driver)).toEqual([2]);
  driver.pass(600);
  expect(driver.did()).toEqual(['read m1']);
  driver.answerRead('m1');
  expect(driver.did()).toEqual(['send m1 on c1']);
});

test('a settle that fails and did not happen is read, found open, and written again on what was read', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.ack('m1');
  driver.did();
  driver.storeFailed('m1');
  driver.pass(300);
  expect(driver.did()).toEqual(['read m1']);
  driver.answerRead('m1');
  expect(driver.only('write')).toMatchObject({ version: 'v2', change: { state: 'acked' } });
  driver.written('m1');
  expect(driver.did()).toContain('announce m1 message.acked');
});

test('a settle that fails and happened all the same is found, and announced with all that was learned', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.report('c1', { kind: 'accepted', messageId: 'm1', canonicalToken: 'new-token' });
  const { change } = driver.only('write');
  driver.storeFailed('m1');
  driver.pass(300);
  driver.answerRead('m1', { state: 'acked', attempts: 1, settledAtMs: change.settledAtMs! });
  expect(driver.notes('settled')).toMatchObject([{ state: 'acked', knownBefore: false }]);
  expect(driver.did()).toContain('announce m1 message.acked registration.replaced');
});

test('a claim that fails is read and made again; nothing is sent meanwhile', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.answerRead('m1', { state: 'sent', attempts: 1 });
  expect(driver.did()).toEqual(['read m1', 'write m1 sent']);
  driver.storeFailed('m1');
  driver.pass(300);
  expect(driver.did()).toEqual(['read m1']);
  driver.answerRead('m1', { state: 'sent', attempts: 1 });
  expect(driver.did()).toEqual(['write m1 sent']);
  driver.written('m1');
  expect(driver.did()).toEqual(['send m1 on c1']);
});

test('a success ends the count of failures', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.storeFailed('m1');
  driver.pass(300);
  driver.answerRead('m1');
  driver.ack('m1');
  driver.forget();
  driver.storeFailed('m1');
  expect(failures(driver)).toEqual([1]);
});

test('while an answer is slow, a store that fails is asked with its backoff, not at every look', () => {
  const driver = new Driver().open();
  driver.random = 0;
  driver.pending('m1');
  driver.pass(1_000);
  expect(driver.did()).toEqual(['write m1 sent']);
  for (let n = 0; n < 6; n++) {
    driver.storeFailed('m1');
    driver.pass(200 * 2 ** n - 1);
    expect(driver.did().filter((line) => line.endsWith(' m1'))).toEqual([]);
    driver.pass(1);
    expect(driver.did().filter((line) => line.endsWith(' m1'))).toEqual(['read m1']);
  }
});

test('an announcement that fails is made again with a backoff; the lease is kept until it is out', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.ack('m1');
  driver.written('m1');
  driver.did();
  driver.feed({ kind: 'announceFailed', messageId: 'm1' });
  expect(driver.notes('publishFailed')).toEqual([{ kind: 'publishFailed', failures: 1 }]);
  driver.pass(299);
  expect(driver.did()).toEqual([]);
  driver.pass(1);
  expect(driver.did()).toEqual(['announce m1 message.acked']);
  driver.announced('m1');
  expect(driver.did()).toEqual(['ackLease 1']);
});

test('a time to try again that has come too late finds nothing to do', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.ack('m1');
  driver.written('m1');
  driver.feed({ kind: 'announceFailed', messageId: 'm1' });
  driver.announced('m1'); // of an attempt that was given up on too early
  driver.forget();
  driver.pass(5_000);
  expect(driver.did()).toEqual([]);
});

describe('a message that was queued without a document', () => {
  test('is sent, and its document is made when it settles', () => {
    const driver = new Driver().open();
    driver.pull('m1', { to: '/topics/news', acceptedAtMs: driver.nowMs - 5_000 });
    driver.missing('m1');
    driver.ack('m1');
    expect(driver.only('create').record).toMatchObject({
      state: 'acked',
      attempts: 1,
      owner: 'system:queue',
      target: { kind: 'topic', topic: 'news' },
      timeToLiveSeconds: 86_400,
      createdAtMs: driver.nowMs - 5_000,
      settledAtMs: driver.nowMs,
      // a day to live, 30 days to be asked about, and half a day drawn
      expireAtMs: driver.nowMs - 5_000 + (1 + 30.5) * 86_400_000,
    });
    driver.written('m1');
    expect(driver.did()).toContain('announce m1 message.acked');
  });

  test('is marked as sent when its answer is slow, and settled on that version', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.missing('m1');
    driver.did();
    driver.pass(1_000);
    expect(driver.did()).toEqual(['create m1 sent']);
    driver.written('m1');
    driver.ack('m1');
    expect(driver.only('write')).toMatchObject({ version: 'v1', change: { state: 'acked' } });
  });

  test('goes back with the news that it was sent, though the document is not made yet', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.missing('m1');
    driver.refused('m1', 'SERVICE_UNAVAILABLE', 'c1');
    driver.did(); // the document is being made
    driver.stop();
    expect(driver.did()).toEqual([]);
    driver.written('m1');
    expect(driver.did()).toEqual(['releaseLease 1', 'drained', 'close c1']);
  });

  test('whose document was made by somebody else meanwhile is read again', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.missing('m1');
    driver.ack('m1');
    driver.did();
    driver.conflicted('m1');
    expect(driver.did()).toEqual(['read m1']);
    driver.answerRead('m1');
    expect(driver.did()).toEqual(['write m1 acked']);
  });
});
