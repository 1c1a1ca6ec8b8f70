import { Driver, START_MS } from './support/driver.ts';

const REQUESTED = { cancelRequestedAtMs: START_MS - 100 };

test('before the first send: not sent, cancelled, announced and acked', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.answerRead('m1', REQUESTED);
  expect(driver.only('write').change).toMatchObject({
    state: 'cancelled',
    attempts: 0,
    cancelRequestedAtMs: undefined,
    settledAtMs: START_MS,
  });
  driver.written('m1');
  driver.announced('m1');
  expect(driver.did()).toEqual(['read m1', 'write m1 cancelled', 'announce m1 message.cancelled', 'ackLease 1']);
});

test('settled by the DELETE itself meanwhile: the same end, announced again', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.answerRead('m1', REQUESTED);
  driver.conflicted('m1');
  driver.answerRead('m1', { state: 'cancelled', settledAtMs: START_MS - 1 });
  expect(driver.did()).toEqual(['read m1', 'write m1 cancelled', 'read m1', 'announce m1 message.cancelled']);
});

test('seen only when the claim conflicts: still in time', () => {
  const driver = new Driver().start();
  driver.pull('m1');
  driver.answerRead('m1');
  driver.pass(1_500);
  driver.opened('c1'); // its read is too old to send on
  driver.did();
  driver.conflicted('m1');
  driver.answerRead('m1', REQUESTED);
  expect(driver.did()).toEqual(['read m1', 'write m1 cancelled']);
});

test('after a send it comes too late, in this life', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pass(1_000);
  driver.conflicted('m1');
  driver.answerRead('m1', REQUESTED);
  expect(driver.did()).toEqual(['write m1 sent', 'read m1', 'write m1 sent']);
  driver.written('m1');
  driver.ack('m1');
  expect(driver.only('write').change).toMatchObject({ state: 'acked', cancelRequestedAtMs: undefined });
});

test('or in an earlier one', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.answerRead('m1', { state: 'sent', attempts: 1, ...REQUESTED });
  expect(driver.did()).toEqual(['read m1', 'write m1 sent']);
});

describe('what was refused and waits can be cancelled (guarantee 7)', () => {
  function waiting(): Driver {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', 'SERVICE_UNAVAILABLE');
    driver.did();
    return driver;
  }

  test('its document says so: queued, after one attempt', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.refused('m1', 'SERVICE_UNAVAILABLE', 'c1');
    expect(driver.only('write').change).toMatchObject({ state: 'queued', attempts: 1, error: 'SERVICE_UNAVAILABLE' });
  });

  test('the request is found when it is claimed for the next send', () => {
    const driver = waiting();
    driver.pass(1_500);
    driver.conflicted('m1');
    driver.answerRead('m1', { attempts: 1, error: 'SERVICE_UNAVAILABLE', ...REQUESTED });
    expect(driver.did()).toEqual(['write m1 sent', 'read m1', 'write m1 cancelled']);
  });

  test('by another worker as well, that was handed it later', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.answerRead('m1', { attempts: 1, error: 'SERVICE_UNAVAILABLE', ...REQUESTED });
    expect(driver.did()).toEqual(['read m1', 'write m1 cancelled']);
  });

  test('not once a send was lost with its connection: FCM may have it', () => {
    const driver = waiting();
    driver.pass(1_500);
    driver.written('m1');
    driver.closed('c1');
    driver.opened('c2');
    driver.did();
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1, ...REQUESTED });
    expect(driver.did()).toEqual(['read m1', 'write m1 sent']);
  });

  test('another worker has sent it while the cancel was written: that worker ends it', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.answerRead('m1', REQUESTED);
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1, ...REQUESTED });
    expect(driver.did()).toEqual(['read m1', 'write m1 cancelled', 'read m1', 'releaseLease 1']);
  });
});

describe('a first send rests only on a fresh read', () => {
  test('sent without a claim while the read is not older than a second', () => {
    const driver = new Driver().start();
    driver.pull('m1');
    driver.answerRead('m1');
    driver.did();
    driver.pass(1_000);
    driver.opened('c1');
    expect(driver.did()).toEqual(['send m1 on c1']);
  });

  test('older, it is claimed first, and expires or is sent after that', () => {
    const driver = new Driver().start();
    driver.pull('m1');
    driver.answerRead('m1');
    driver.did();
    driver.pass(1_001);
    driver.opened('c1');
    expect(driver.did()).toEqual(['write m1 sent']);
    driver.written('m1');
    expect(driver.notes('sent')).toMatchObject([{ attempts: 1 }]);
  });

  test('the age counts from when the read was asked for, not from its answer', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.pass(1_001);
    driver.answerRead('m1');
    expect(driver.did()).toEqual(['read m1', 'write m1 sent']);
  });

  test.each([
    [4_000, 'send m1 on c2'],
    [6_000, 'write m1 sent'],
  ])('a claim holds for 5 s: after %i ms, %s', (waitMs, step) => {
    const driver = new Driver({ pendingLimit: 1 }).start();
    driver.pull('m1');
    driver.answerRead('m1');
    driver.pass(1_001);
    driver.opened('c1');
    driver.closed('c1');
    driver.written('m1');
    driver.pass(waitMs);
    driver.did();
    driver.opened('c2');
    expect(driver.did()).toEqual([step]);
  });
});
