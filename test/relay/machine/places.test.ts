import { Driver } from './support/driver.ts';

/** What is read, claimed and sent ahead of the answers: as much as there will be places for. */
const reads = (driver: Driver): string[] => driver.of('read').map(({ messageId }) => messageId);

test('two windows of every connection are read ahead', () => {
  const driver = new Driver({ connections: 2, pendingLimit: 1 }).start();
  for (const id of ['m1', 'm2', 'm3', 'm4', 'm5']) driver.pull(id);
  expect(reads(driver)).toEqual(['m1', 'm2', 'm3', 'm4']);
});

test('one that is being claimed counts among them', () => {
  const driver = new Driver({ pendingLimit: 1 }).open();
  driver.pull('m1', { deliveryAttempt: 2 });
  driver.answerRead('m1');
  expect(driver.counts).toEqual({ claiming: 1 });
  for (const id of ['m2', 'm3']) driver.pull(id);
  expect(reads(driver)).toEqual(['m1', 'm2']);
});

test('what was not read and is over is read all the same, when nothing ahead of it moves', () => {
  const driver = new Driver({ pendingLimit: 1, awayLimitMs: 1e9 }).start();
  for (const id of ['m1', 'm2', 'm3']) driver.pull(id, { time_to_live: 30 });
  expect(reads(driver)).toEqual(['m1', 'm2']);
  driver.pass(95_000);
  expect(reads(driver)).toEqual(['m1', 'm2', 'm3']);
});

test('a connection that is not open yet has no places: no more are claimed than can be sent', () => {
  const driver = new Driver({ connections: 2, pendingLimit: 1 }).start();
  driver.opened('c1');
  for (const id of ['m1', 'm2']) driver.pull(id, { deliveryAttempt: 2 });
  for (const id of ['m1', 'm2']) driver.answerRead(id);
  expect(driver.counts).toEqual({ claiming: 1, ready: 1 });
});

test('the places of all connections count: as many are claimed as can be sent, whichever they go out on', () => {
  const driver = new Driver({ connections: 2, pendingLimit: 1 }).open();
  for (const id of ['m1', 'm2', 'm3']) driver.pull(id, { deliveryAttempt: 2 });
  for (const id of ['m1', 'm2', 'm3']) driver.answerRead(id);
  expect(driver.counts).toEqual({ claiming: 2, ready: 1 });
});

test('protocol §4: what CCS could not take is tried again on the same connection, though another is emptier', () => {
  const driver = new Driver({ connections: 2 }).open();
  driver.pending('m1');
  driver.pending('m2');
  driver.pending('m3');
  expect(driver.connections).toEqual(['c1 open 2', 'c2 open 1']);
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.pending('m4');
  driver.pending('m5');
  driver.ack('m2', 'c2');
  driver.forget();
  driver.pass(1_500);
  driver.written('m1');
  expect(driver.did()).toContain('send m1 on c1');
});

test('one whose claim met a conflict is on its way already: it goes before those that were read after it', () => {
  const driver = new Driver({ pendingLimit: 1 }).open();
  driver.pending('m0');
  driver.pull('m1', { deliveryAttempt: 2 });
  driver.answerRead('m1');
  driver.ack('m0');
  driver.written('m0');
  driver.forget();
  driver.pull('m2');
  driver.answerRead('m2');
  driver.conflicted('m1');
  driver.answerRead('m1');
  expect(driver.did()).toEqual(['read m2', 'read m1', 'write m1 sent']);
});
