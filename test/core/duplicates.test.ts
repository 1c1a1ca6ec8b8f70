import { Driver } from './support/driver.ts';

const SAME_ID = 'InvalidJson: Message with the same id has been received before';
const answerDuplicate = (driver: Driver, connection = 'c1'): void => driver.nack('m1', 'INVALID_JSON', { description: SAME_ID, connection });

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
  expect(driver.did()).toEqual(['read m1', 'send m1 on c1']); // the claim stands already
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

test('on a real first send somebody else used the id: a real failure', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  answerDuplicate(driver);
  expect(driver.only('write').change).toMatchObject({ state: 'nacked', attempts: 1, error: 'INVALID_JSON', errorDescription: SAME_ID });
});

test('another INVALID_JSON after a resend is a real failure all the same', () => {
  const driver = new Driver().open();
  driver.pending('m1', { deliveryAttempt: 2 });
  driver.nack('m1', 'INVALID_JSON', { description: 'InvalidJson: MESSAGE_TOO_BIG' });
  expect(driver.only('write').change).toMatchObject({ state: 'nacked', error: 'INVALID_JSON' });
});
