import { CANCEL_WAIT_MS, IN_HANDS_MS } from '../../../relay/model/timing.ts';
import { Driver } from './support/driver.ts';

const APART_MS = 500; // the driver's random number, of a second

/** Two copies of one message, each with a worker that lives: only one of them sends at a time. */

describe('a message that somebody had before, and whose document says `queued`', () => {
  function claimed(): Driver {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.answerRead('m1');
    driver.written('m1');
    expect(driver.did()).toEqual(['read m1', 'write m1 sent']);
    return driver;
  }

  test('is claimed, and claimed again when a send on an older read would show; then it is sent', () => {
    const driver = claimed();
    driver.pass(CANCEL_WAIT_MS - 1);
    expect(driver.did()).toEqual([]);
    driver.pass(1);
    expect(driver.only('write')).toMatchObject({ version: 'v2', change: { state: 'sent', attempts: 0 } });
    driver.written('m1');
    expect(driver.did()).toEqual(['write m1 sent', 'send m1 on c1']);
  });

  test('is left to the other who sent it meanwhile, until his answer must have come', () => {
    const driver = claimed();
    driver.pass(CANCEL_WAIT_MS);
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1, updatedAtMs: driver.nowMs - 1_000 });
    expect(driver.notes('resting').at(-1)).toMatchObject({ waitMs: IN_HANDS_MS - 1_000 + APART_MS });
    driver.did();
    driver.passAlive(IN_HANDS_MS - 1_000 + APART_MS);
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'acked', attempts: 1, settledAtMs: driver.nowMs });
    expect(driver.did()).toEqual(['write m1 sent', 'read m1', 'announce m1 message.acked']);
  });

  test('is claimed twice when the queue says that it is a further copy', () => {
    const driver = new Driver().open();
    driver.pull('m1', { repeated: true });
    driver.answerRead('m1');
    driver.claim('m1');
    expect(driver.did()).toEqual(['read m1', 'write m1 sent', 'write m1 sent', 'send m1 on c1']);
  });

  test('is claimed twice without a document too', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.missing('m1');
    driver.written('m1');
    driver.pass(CANCEL_WAIT_MS);
    driver.written('m1');
    expect(driver.did()).toEqual(['read m1', 'create m1 sent', 'write m1 sent', 'send m1 on c1']);
  });

  test('goes back to Pub/Sub when the worker stops meanwhile', () => {
    const driver = claimed();
    driver.stop();
    expect(driver.did()).toEqual(['releaseLease 1', 'drained', 'close c1']);
  });
});

test('a document that somebody marked just now: whoever it was has the time to bring it to its end', () => {
  const driver = new Driver().open();
  driver.pull('m1', { deliveryAttempt: 2 });
  driver.answerRead('m1', { state: 'sent', attempts: 1, updatedAtMs: driver.nowMs - 5_000 });
  expect(driver.notes('resting')).toMatchObject([{ messageId: 'm1', waitMs: IN_HANDS_MS - 5_000 + APART_MS }]);
  driver.did();
  driver.passAlive(IN_HANDS_MS - 5_000 + APART_MS);
  expect(driver.did()).toEqual(['write m1 sent']);
  driver.written('m1');
  expect(driver.did()).toEqual(['send m1 on c1']); // marked before us: once is enough
});

test('a clock that is far ahead keeps nobody waiting for longer', () => {
  const driver = new Driver().open();
  driver.pull('m1', { deliveryAttempt: 2 });
  driver.answerRead('m1', { state: 'sent', attempts: 1, updatedAtMs: driver.nowMs + 3_600_000 });
  expect(driver.notes('resting')).toMatchObject([{ waitMs: IN_HANDS_MS + APART_MS }]);
});

test('our own mark, of which nobody knew whether it happened, keeps nobody waiting', () => {
  const driver = new Driver().open();
  driver.pull('m1', { deliveryAttempt: 2 });
  driver.answerRead('m1', { state: 'sent', attempts: 1 });
  const { updatedAtMs } = driver.only('write').change as { updatedAtMs: number };
  driver.storeFailed('m1');
  driver.pass(300);
  driver.did();
  driver.answerRead('m1', { state: 'sent', attempts: 1, updatedAtMs });
  expect(driver.did()).toEqual(['send m1 on c1']);
});

test('claims under way take no more places than there are', () => {
  const driver = new Driver({ pendingLimit: 2 }).open();
  for (const id of ['m1', 'm2', 'm3', 'm4']) {
    driver.pull(id, { deliveryAttempt: 2 });
    driver.answerRead(id, { state: 'sent', attempts: 1 });
  }
  expect(driver.counts).toEqual({ claiming: 2, ready: 2 });
  driver.written('m1');
  expect(driver.counts).toEqual({ pending: 1, claiming: 1, ready: 2 });
  driver.ack('m1');
  expect(driver.counts).toEqual({ settling: 1, claiming: 1, ready: 2 }); // an answer keeps its place until it is stored
  driver.written('m1');
  expect(driver.counts).toEqual({ announcing: 1, claiming: 2, ready: 1 });
});

describe('a message that was sent shows that in its document, whatever becomes of it', () => {
  test('while it waits to be sent again', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.refused('m1', 'SERVICE_UNAVAILABLE', 'c1');
    expect(driver.only('write').change).toMatchObject({ state: 'queued', attempts: 1, error: 'SERVICE_UNAVAILABLE' });
  });

  test('while that cannot be written: read, and written again', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.refused('m1', 'SERVICE_UNAVAILABLE', 'c1');
    driver.storeFailed('m1');
    driver.pass(300);
    driver.answerRead('m1');
    expect(driver.did()).toEqual(['write m1 queued', 'read m1', 'write m1 queued']);
  });

  test('a mark of the same millisecond by another worker is not taken for ours', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.answerRead('m1', { state: 'sent', attempts: 1 });
    const { updatedAtMs } = driver.only('write').change as { updatedAtMs: number };
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1, updatedAtMs });
    expect(driver.counts).toEqual({ resting: 1 });
  });

  test('a first claim whose answer was lost is made twice all the same', () => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.answerRead('m1');
    const { updatedAtMs } = driver.only('write').change as { updatedAtMs: number };
    driver.storeFailed('m1');
    driver.pass(300);
    driver.answerRead('m1', { state: 'sent', attempts: 0, updatedAtMs });
    expect(driver.counts).toEqual({ resting: 1 });
    expect(driver.of('send')).toEqual([]);
  });

  test("another worker's mark says it as well: two that wait do not go on marking against each other", () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.refused('m1', 'SERVICE_UNAVAILABLE', 'c1');
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1 });
    expect(driver.did()).toEqual(['write m1 queued', 'read m1']);
    expect(driver.counts).toEqual({ resting: 1 });
  });
});
