import { Driver, START_MS } from './support/driver.ts';

/** document.ts: an answer that is slow has to show in the document, since a cancel may be waiting to see it. */
test('a quick answer costs one write; a slow one is marked after a second, once', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pass(999);
  expect(driver.did()).toEqual([]);
  driver.pass(200);
  expect(driver.only('write').change).toEqual({
    state: 'sent',
    attempts: 1,
    error: undefined,
    updatedAtMs: START_MS + 1_000,
  });
  driver.did();
  driver.written('m1');
  driver.pass(8_000);
  expect(driver.did()).toEqual([]);
});

test('only those that are slow are marked', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pass(700);
  driver.pending('m2');
  driver.pass(400);
  expect(driver.did()).toEqual(['write m1 sent']);
});

test('the later settle is made on the version of the mark', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pass(1_000);
  driver.written('m1');
  driver.forget();
  driver.ack('m1');
  expect(driver.only('write')).toMatchObject({ version: 'v2', change: { state: 'acked' } });
});

test('an answer while the mark is under way waits for it, then settles', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pass(1_000);
  driver.ack('m1');
  expect(driver.did()).toEqual(['write m1 sent']);
  driver.written('m1');
  expect(driver.only('write')).toMatchObject({ version: 'v2', change: { state: 'acked' } });
});

test('a mark that is still under way when the connection is lost serves as the claim', () => {
  const driver = new Driver({ connections: 2 }).open();
  driver.pending('m1');
  driver.pass(1_000);
  driver.closed('c1');
  driver.did();
  driver.written('m1');
  expect(driver.did()).toEqual(['send m1 on c2']);
});

test('a mark that is written while the message waits or rests changes nothing there', () => {
  const driver = new Driver().open();
  for (const id of ['m1', 'm2']) driver.pending(id);
  driver.pass(1_000);
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.closed('c1');
  driver.did();
  driver.written('m1', 'm2');
  expect(driver.did()).toEqual([]);
  expect(driver.counts).toEqual({ ready: 1, resting: 1 });
});

test('a mark without the error that came meanwhile is not all there is to note when the message is handed back', () => {
  const driver = new Driver({ longestRestMs: 500 }).open();
  driver.pending('m1');
  driver.pass(1_000);
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.did();
  driver.written('m1');
  expect(driver.only('write').change).toMatchObject({ state: 'queued', attempts: 1, error: 'SERVICE_UNAVAILABLE' });
  driver.written('m1');
  expect(driver.did()).toEqual(['write m1 queued', 'releaseLease 1']);
});

test('nor is a mark that was written before the error came', () => {
  const driver = new Driver({ longestRestMs: 500 }).open();
  driver.pending('m1');
  driver.pass(1_000);
  driver.written('m1');
  driver.forget();
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  expect(driver.only('write').change).toMatchObject({ state: 'queued', attempts: 1, error: 'SERVICE_UNAVAILABLE' });
});

test('one that is on its way back to Pub/Sub is not marked twice', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.stop(900);
  driver.pass(900);
  expect(driver.did()).toEqual(['write m1 sent']);
  driver.pass(1_000);
  expect(driver.did()).toEqual([]);
});
