import type { MessageRecord } from '../../../relay/model/record.ts';
import { Driver, START_MS } from './support/driver.ts';

/** Somebody else writes the same document: another worker, a DELETE, the sweep, the dead-letter function. */
const BY_ANOTHER: Partial<MessageRecord> = { state: 'acked', attempts: 1, settledAtMs: START_MS };

describe('settled before it was pulled', () => {
  test.each<[MessageRecord['state'], string]>([
    ['acked', 'message.acked'],
    ['nacked', 'message.nacked'],
    ['expired', 'message.expired'],
    ['cancelled', 'message.cancelled'],
    ['dead', 'message.dead'],
  ])('%s: it is not sent; its event is published again, under its first time, and it is acked', (state, type) => {
    const driver = new Driver().open();
    driver.pull('m1', { deliveryAttempt: 2 });
    driver.answerRead('m1', { state, attempts: 3, settledAtMs: START_MS - 60_000, errorDescription: 'why' });
    expect(driver.only('announce').events).toMatchObject([
      { timeMs: START_MS - 60_000, data: { state, attempts: 3, error_description: 'why' } },
    ]);
    expect(driver.notes('settled')).toMatchObject([{ state, knownBefore: true }]);
    expect(driver.did()).toEqual(['read m1', `announce m1 ${type}`]);
    driver.announced('m1');
    expect(driver.did()).toEqual(['ackLease 1']);
  });

  test('a dead token is announced again too', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.answerRead('m1', { state: 'nacked', error: 'DEVICE_UNREGISTERED', updatedAtMs: START_MS - 1 });
    expect(driver.only('announce').registration?.record).toMatchObject({ state: 'unregistered', atMs: START_MS - 1 });
  });
});

describe('a conflict', () => {
  test('at the claim: read again; still open, it is claimed on the new version', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1 });
    driver.did();
    driver.conflicted('m1');
    expect(driver.did()).toEqual(['read m1']);
    driver.answerRead('m1', { state: 'sent', attempts: 4 });
    expect(driver.only('write')).toMatchObject({ version: 'v2', change: { state: 'sent', attempts: 4 } });
    driver.written('m1');
    expect(driver.notes('sent')).toMatchObject([{ attempts: 5 }]);
  });

  test('at the claim: settled by somebody else, it is not sent', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1 });
    driver.did();
    driver.conflicted('m1');
    driver.answerRead('m1', BY_ANOTHER);
    expect(driver.did()).toEqual(['read m1', 'announce m1 message.acked']);
  });

  test('at the mark of a slow answer: read again, and marked on the new version', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.pass(1_000);
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'queued' });
    expect(driver.did()).toEqual(['write m1 sent', 'read m1', 'write m1 sent']);
  });

  test('at the mark: already marked by another worker, which must see our send too: marked again, in our name', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.pass(1_000);
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1 });
    driver.written('m1');
    expect(driver.did()).toEqual(['write m1 sent', 'read m1', 'write m1 sent']);
    driver.pass(1_000);
    expect(driver.did()).toEqual([]);
  });

  test('at the settle: still open, it is settled on the new version', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.ack('m1');
    driver.conflicted('m1');
    driver.answerRead('m1', { state: 'sent', attempts: 1 });
    expect(driver.of('write').map(({ version }) => version)).toEqual(['v1', 'v2']);
  });

  test('at the settle: settled otherwise by somebody else, that is what counts', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', 'SENDER_ID_MISMATCH');
    driver.conflicted('m1');
    driver.answerRead('m1', BY_ANOTHER);
    expect(driver.did()).toEqual(['write m1 nacked', 'read m1', 'announce m1 message.acked']);
  });

  test('at the hand-back: still open, it is noted on the new version, then handed back', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.stop(0);
    driver.conflicted('m1');
    driver.answerRead('m1');
    driver.written('m1');
    expect(driver.did()).toEqual([
      'write m1 sent',
      'read m1',
      'write m1 sent',
      'releaseLease 1',
      'drained',
      'close c1',
    ]);
  });
});

/** Found while the message was under way, when nothing waited for it: it must be remembered until the next write. */
describe('found settled by somebody else while', () => {
  function pendingAndSettledElsewhere(): Driver {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.pass(1_000);
    driver.conflicted('m1');
    driver.did();
    return driver;
  }

  test('pending: it keeps its slot until the answer, which changes nothing any more', () => {
    const driver = pendingAndSettledElsewhere();
    driver.answerRead('m1', BY_ANOTHER);
    expect(driver.connections).toEqual(['c1 open 1']);
    driver.nack('m1', 'DEVICE_UNREGISTERED');
    expect(driver.did()).toEqual(['announce m1 message.acked']);
    expect(driver.connections).toEqual(['c1 open 0']);
  });

  test('pending, and its connection is lost: it is not sent again', () => {
    const driver = pendingAndSettledElsewhere();
    driver.answerRead('m1', BY_ANOTHER);
    driver.closed('c1');
    driver.opened('c2');
    expect(driver.did()).toEqual(['connect c2', 'announce m1 message.acked']);
  });

  test('pending, and its time to give up has come: it is acked, not handed back', () => {
    const driver = pendingAndSettledElsewhere();
    driver.answerRead('m1', BY_ANOTHER);
    driver.stop(0);
    driver.announced('m1');
    expect(driver.did()).toEqual(['announce m1 message.acked', 'ackLease 1', 'drained', 'close c1']);
  });

  test('it waits for a connection: it is not sent again', () => {
    const driver = pendingAndSettledElsewhere();
    driver.closed('c1');
    driver.answerRead('m1', BY_ANOTHER);
    driver.opened('c2');
    expect(driver.did()).toEqual(['connect c2', 'announce m1 message.acked']);
  });

  test('it rests: it is not sent again', () => {
    const driver = pendingAndSettledElsewhere();
    driver.nack('m1', 'SERVICE_UNAVAILABLE');
    driver.answerRead('m1', BY_ANOTHER);
    driver.pass(2_000);
    expect(driver.did()).toEqual(['announce m1 message.acked']);
  });

  test('it waits for a connection past its time to live: it ended as the document says', () => {
    const driver = new Driver({ awayLimitMs: 1e9 }).open();
    driver.pending('m1', { time_to_live: 5 });
    driver.pass(1_000);
    driver.conflicted('m1');
    driver.closed('c1');
    driver.answerRead('m1', BY_ANOTHER);
    driver.pass(10_000);
    driver.forget();
    driver.opened('c2');
    expect(driver.did()).toEqual(['announce m1 message.acked']);
  });
});

test('two that acked the same message: the one whose write came first says when, and the other tells it so', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.ack('m1');
  driver.conflicted('m1');
  driver.answerRead('m1', { ...BY_ANOTHER, settledAtMs: START_MS - 7 });
  expect(driver.only('announce').events).toMatchObject([{ timeMs: START_MS - 7 }]);
  expect(driver.notes('settled')).toMatchObject([{ state: 'acked', knownBefore: true }]);
});

test('what CCS answered is not forgotten over a conflict', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.refused('m1', 'SERVICE_UNAVAILABLE', 'c1');
  driver.pass(1_500); // the mark is still being written
  expect(driver.counts).toEqual({ claiming: 1 });
  driver.forget();
  driver.conflicted('m1');
  driver.answerRead('m1');
  expect(driver.only('write').change).toMatchObject({ attempts: 1, error: 'SERVICE_UNAVAILABLE' });
  expect(driver.did()).toEqual(['read m1', 'write m1 sent']);
  expect(driver.counts).toEqual({ claiming: 1 });
});
