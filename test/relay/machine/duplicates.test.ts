import { CANCEL_WAIT_MS } from '../../../relay/model/timing.ts';
import { Driver, START_MS } from './support/driver.ts';

const SAME_ID = 'InvalidJson: Message with the same id has been received before';
const answerDuplicate = (driver: Driver, connection = 'c1'): void =>
  driver.nack('m1', 'INVALID_JSON', { description: SAME_ID, connection });

/** What CCS means by "same id received before" (protocol §4) hangs on whether an earlier copy may have reached it. */
test('after a resend of ours the first copy was accepted: acked', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.pass(1_500);
  driver.written('m1');
  driver.forget();
  answerDuplicate(driver);
  expect(driver.only('write').change).toMatchObject({ state: 'acked', attempts: 2, error: undefined });
  driver.written('m1');
  expect(driver.did()).toContain('announce m1 message.acked');
});

test('it is no INVALID_JSON in notes, from which the metrics count; one that is stays one', () => {
  const driver = new Driver().open();
  driver.pending('m1', { deliveryAttempt: 2 });
  answerDuplicate(driver);
  expect(driver.notes('answered')).toMatchObject([{ error: 'RECEIVED_BEFORE' }]);
  driver.pending('m2');
  driver.nack('m2', 'INVALID_JSON', { description: 'InvalidJson: INVALID_TTL' });
  expect(driver.notes('answered')).toMatchObject([{ error: 'INVALID_JSON' }]);
});

test('after a lost connection: acked', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.nowMs += 2_000;
  driver.closed('c1');
  driver.opened('c2');
  driver.written('m1');
  driver.forget();
  answerDuplicate(driver, 'c2');
  expect(driver.only('write').change).toMatchObject({ state: 'acked' });
});

test('on the first send of a redelivery: another worker sent it and died: acked', () => {
  const driver = new Driver().open();
  driver.pending('m1', { deliveryAttempt: 2 });
  answerDuplicate(driver);
  expect(driver.only('write').change).toMatchObject({ state: 'acked', attempts: 1 });
});

test('when the document says that it was sent before: acked', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.answerRead('m1', { state: 'sent', attempts: 1 });
  driver.written('m1');
  driver.forget();
  answerDuplicate(driver);
  expect(driver.only('write').change).toMatchObject({ state: 'acked', attempts: 2 });
});

test('when it was claimed in an earlier life, though no send was counted: acked', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.answerRead('m1', { state: 'sent', attempts: 0 });
  driver.written('m1');
  expect(driver.did()).toEqual(['read m1', 'write m1 sent', 'send m1 on c1']);
  answerDuplicate(driver);
  expect(driver.only('write').change).toMatchObject({ state: 'acked', attempts: 1 });
});

test('when Pub/Sub hands it out again while it is here: acked', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pull('m1', { deliveryAttempt: 2 });
  answerDuplicate(driver);
  expect(driver.only('write').change).toMatchObject({ state: 'acked' });
});

describe('on a first send, as far as we know', () => {
  /** Disputed: it is marked, and waits until an answer to another worker's send would have been written. */
  function disputed(record: Parameters<Driver['answerRead']>[1] = {}): Driver {
    const driver = new Driver().open();
    driver.pending('m1');
    answerDuplicate(driver);
    expect(driver.did()).toEqual(['read m1']);
    driver.answerRead('m1', record);
    driver.marked('m1');
    driver.pass(CANCEL_WAIT_MS - 1);
    expect(driver.did()).toEqual([]);
    driver.pass(1);
    return driver;
  }

  test('when another worker has settled it, that is how it ended', () => {
    const driver = disputed({ state: 'acked', attempts: 1, settledAtMs: START_MS });
    expect(driver.did()).toEqual(['announce m1 message.acked']);
  });

  test('when another worker settles it meanwhile, that is how it ended', () => {
    const driver = disputed();
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'acked', attempts: 1, settledAtMs: driver.nowMs });
    expect(driver.did()).toEqual(['write m1 nacked', 'read m1', 'announce m1 message.acked']);
  });

  test('when another worker has sent it, whose answer is late: CCS has it', () => {
    const driver = disputed({ state: 'sent', attempts: 1, updatedAtMs: START_MS });
    expect(driver.did()).toEqual(['write m1 acked']);
  });

  test('when nobody did, the id was used outside of the relay: a real failure, never sent again', () => {
    const driver = disputed();
    expect(driver.only('write').change).toMatchObject({
      state: 'nacked',
      attempts: 1,
      error: 'INVALID_JSON',
      errorDescription: SAME_ID,
    });
    driver.written('m1');
    expect(driver.did()).toEqual(['write m1 nacked', 'announce m1 message.nacked']);
  });

  test('a stop meanwhile: noted as sent, and handed back', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    answerDuplicate(driver);
    driver.stop();
    driver.answerRead('m1');
    expect(driver.only('write').change).toMatchObject({ state: 'sent', attempts: 1 });
  });

  test('while it is going back to Pub/Sub: it comes back by itself', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.stop(100);
    driver.pass(100);
    driver.forget();
    answerDuplicate(driver);
    expect(driver.did()).toEqual([]);
  });
});

test('another INVALID_JSON after a resend is a real failure all the same', () => {
  const driver = new Driver().open();
  driver.pending('m1', { deliveryAttempt: 2 });
  driver.nack('m1', 'INVALID_JSON', { description: 'InvalidJson: MESSAGE_TOO_BIG' });
  expect(driver.only('write').change).toMatchObject({ state: 'nacked', error: 'INVALID_JSON' });
});

test('a second lease of a message that nobody had but us says nothing of an earlier send: no claim', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.pull('m1');
  driver.answerRead('m1');
  expect(driver.did()).toEqual(['read m1', 'send m1 on c1']);
});

test('what is disputed ends as CCS said, though its time to live ends meanwhile', () => {
  const driver = new Driver().open();
  driver.pending('m1', { time_to_live: 2 });
  answerDuplicate(driver);
  driver.marked('m1');
  driver.forget();
  driver.pass(CANCEL_WAIT_MS);
  driver.answerRead('m1');
  driver.pass(CANCEL_WAIT_MS);
  expect(
    driver
      .of('write')
      .map(({ change }) => change.state)
      .at(-1),
  ).toBe('nacked');
});

test('what is disputed stays refused when the write of that is lost: the mark that the document shows is our own', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  answerDuplicate(driver);
  driver.pass(5);
  driver.answerRead('m1');
  const markedAtMs = driver.nowMs;
  driver.marked('m1');
  driver.forget();
  driver.pass(CANCEL_WAIT_MS);
  expect(driver.only('write').change).toMatchObject({ state: 'nacked' });
  driver.storeFailed('m1');
  driver.forget();
  driver.pass(1_000);
  driver.answerRead('m1', { state: 'sent', attempts: 1, updatedAtMs: markedAtMs });
  expect(driver.only('write').change).toMatchObject({ state: 'nacked', error: 'INVALID_JSON' });
});
