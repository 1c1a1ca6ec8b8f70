import { Driver, START_MS } from './support/driver.ts';

const handedBack = (driver: Driver): string[] =>
  driver.notes('handedBack').map(({ messageId, why }) => `${messageId} ${why}`);

/** Waits are the worker's while they are short, and Pub/Sub's when they are long. */
test('a wait longer than the worker keeps goes back to Pub/Sub, with what is known written down first', () => {
  const driver = new Driver({ longestRestMs: 1_400 }).open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  expect(handedBack(driver)).toEqual(['m1 longWait']);
  expect(driver.only('write').change).toEqual({
    state: 'queued',
    attempts: 1,
    error: 'SERVICE_UNAVAILABLE',
    updatedAtMs: START_MS,
  });
  expect(driver.did()).toEqual(['write m1 queued']);
  driver.written('m1');
  expect(driver.did()).toEqual(['releaseLease 1']);
  expect(driver.counts).toEqual({});
});

test('when too many wait, the next ones go back: there is room for what can be sent', () => {
  const driver = new Driver({ holdLimit: 4 }).open();
  for (const id of ['m1', 'm2', 'm3']) driver.pending(id);
  for (const id of ['m1', 'm2', 'm3']) driver.nack(id, 'SERVICE_UNAVAILABLE');
  expect(handedBack(driver)).toEqual(['m3 fullOfWaiting']);
  expect(driver.counts).toEqual({ resting: 2, returning: 1 });
});

describe('a rest that began in an earlier life', () => {
  const earlier = { state: 'sent', attempts: 6, error: 'SERVICE_UNAVAILABLE' } as const;

  test('goes on here: from the last answer, as long as that many attempts ask for', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.answerRead('m1', { ...earlier, updatedAtMs: START_MS - 1_000 });
    expect(driver.notes('resting')).toEqual([
      { kind: 'resting', messageId: 'm1', error: 'SERVICE_UNAVAILABLE', waitMs: 31_000, attempts: 6 },
    ]);
    driver.did();
    driver.passAlive(30_999);
    expect(driver.did()).toEqual([]);
    driver.pass(1);
    expect(driver.did()).toEqual(['write m1 sent']);
  });

  test('is over when enough time has passed', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.answerRead('m1', { ...earlier, updatedAtMs: START_MS - 32_000 });
    expect(driver.did()).toEqual(['read m1', 'write m1 sent']);
  });

  test('goes back unwritten if it is still long: writing it down again would begin it anew', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.answerRead('m1', { ...earlier, attempts: 8, updatedAtMs: START_MS - 10_000 });
    expect(handedBack(driver)).toEqual(['m1 longWait']);
    expect(driver.did()).toEqual(['read m1', 'releaseLease 1']);
  });

  test('does not outlast the message', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2, time_to_live: 2 });
    driver.answerRead('m1', { ...earlier, updatedAtMs: START_MS });
    driver.pass(2_000);
    expect(driver.did()).toEqual(['read m1', 'write m1 unknown']);
  });
});

test('messages that failed together come back apart', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pending('m2');
  driver.random = 0.2;
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.random = 0.8;
  driver.nack('m2', 'SERVICE_UNAVAILABLE');
  expect(driver.notes('resting').map(({ waitMs }) => waitMs)).toEqual([1_200, 1_800]);
});

test('a retry goes out on the connection of the first send if there is room, else on another', () => {
  const driver = new Driver({ connections: 2, pendingLimit: 1 }).open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.pending('m2'); // takes its place on c1
  driver.pass(1_500);
  driver.did();
  driver.written('m2', 'm1');
  expect(driver.did()).toEqual(['send m1 on c2']);
});

test('a nack for a message that is on its way back to Pub/Sub begins no rest', () => {
  const driver = new Driver().open();
  for (const id of ['m1', 'm2']) driver.pending(id);
  driver.stop(0);
  driver.forget();
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.nack('m2', 'DEVICE_MESSAGE_RATE_EXCEEDED');
  expect(driver.notes('resting')).toEqual([]);
  driver.written('m1', 'm2');
  expect(driver.did()).toEqual(['releaseLease 1', 'releaseLease 2', 'drained', 'close c1']);
});

test('a wait of just as long as the worker keeps is kept', () => {
  const driver = new Driver({ longestRestMs: 1_500 }).open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  expect(handedBack(driver)).toEqual([]);
  expect(driver.counts).toEqual({ resting: 1 });
});
