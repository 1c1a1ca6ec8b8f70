import { Driver } from './support/driver.ts';

test('handed out again while it is here, it is not handled twice, and both leases are acked at its end', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pull('m1', { deliveryAttempt: 2 });
  expect(driver.did()).toEqual([]);
  driver.ack('m1');
  driver.written('m1');
  driver.announced('m1');
  expect(driver.did()).toEqual(['write m1 acked', 'announce m1 message.acked', 'ackLease 1', 'ackLease 2']);
});

test('both leases go back together', () => {
  const driver = new Driver().start();
  driver.pull('m1');
  driver.pull('m1', { deliveryAttempt: 2 });
  driver.answerRead('m1');
  driver.forget();
  driver.stop();
  expect(driver.did()).toEqual(['releaseLease 1', 'releaseLease 2', 'drained', 'close c1']);
});

test('handed out again after its end, it is read again, announced again and acked', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.ack('m1');
  driver.written('m1');
  driver.announced('m1');
  driver.did();
  driver.pull('m1', { deliveryAttempt: 2 });
  driver.answerRead('m1', { state: 'acked', attempts: 1 });
  driver.announced('m1');
  expect(driver.did()).toEqual(['read m1', 'announce m1 message.acked', 'ackLease 2']);
});

test('its earlier sends count on', () => {
  const driver = new Driver().open();
  driver.pull('m1', { deliveryAttempt: 3 });
  driver.answerRead('m1', { state: 'sent', attempts: 2 });
  driver.written('m1');
  expect(driver.notes('sent')).toMatchObject([{ attempts: 3 }]);
});

test('a worker that died between send and answer: the next one claims before it repeats', () => {
  const driver = new Driver().open();
  driver.pull('m1', { deliveryAttempt: 2 });
  driver.answerRead('m1', { state: 'sent', attempts: 1 });
  expect(driver.only('write')).toMatchObject({ version: 'v1', change: { state: 'sent', attempts: 1 } });
  expect(driver.of('send')).toEqual([]);
});
