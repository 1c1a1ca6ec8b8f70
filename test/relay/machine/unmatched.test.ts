import type { LinkReport } from '../../../relay/model/link.ts';
import { Driver } from './support/driver.ts';

/** Answers that fit nothing: late, repeated, foreign. They are noted and change nothing. */
const unmatched = (driver: Driver): string[] =>
  driver.notes('unmatchedAnswer').map(({ messageId, connection }) => `${messageId} on ${connection}`);

test('a second answer changes nothing, whatever it says', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.ack('m1');
  driver.forget();
  driver.ack('m1');
  driver.nack('m1', 'DEVICE_UNREGISTERED');
  expect(unmatched(driver)).toEqual(['m1 on c1', 'm1 on c1']);
  expect(driver.did()).toEqual([]);
  expect(driver.counts).toEqual({ settling: 1 });
});

test('an answer to a message that this worker did not send', () => {
  const driver = new Driver().open();
  driver.ack('foreign');
  driver.nack('foreign', 'SERVICE_UNAVAILABLE');
  expect(unmatched(driver)).toEqual(['foreign on c1', 'foreign on c1']);
  expect(driver.did()).toEqual([]);
});

test('an answer on another connection than the message went out on', () => {
  const driver = new Driver({ connections: 2 }).open();
  driver.pending('m1');
  driver.ack('m1', 'c2');
  expect(unmatched(driver)).toEqual(['m1 on c2']);
  expect(driver.counts).toEqual({ settling: 1 });
  expect(driver.connections).toEqual(['c1 open 1', 'c2 open 0']); // its place is free when its end is told
});

test('an answer to a message that is held, but was not sent', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.ack('m1');
  expect(unmatched(driver)).toEqual(['m1 on c1']);
  expect(driver.counts).toEqual({ reading: 1 });
});

test('an ack that comes after a nack said "later": CCS has it, so that is how it ended, and nothing is sent again', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.ack('m1');
  expect(unmatched(driver)).toEqual(['m1 on c1']);
  expect(driver.counts).toEqual({ settling: 1 });
  driver.written('m1', 'm1');
  expect(driver.did()).toContain('announce m1 message.acked');
});

test('the same while it is claimed for the next send: it is not sent', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.pass(1_500);
  driver.ack('m1');
  driver.forget();
  driver.written('m1');
  expect(driver.did()).toEqual(['write m1 acked']);
});

test('an answer while the message is being announced as settled elsewhere only frees its slot', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.stop(100);
  driver.pass(100); // hands it back
  driver.conflicted('m1');
  driver.answerRead('m1', { state: 'acked', attempts: 1 });
  expect(driver.counts).toEqual({ announcing: 1 });
  driver.forget();
  driver.nack('m1', 'DEVICE_UNREGISTERED');
  expect(driver.did()).toEqual([]);
  expect(driver.connections).toEqual(['c1 open 0']);
  driver.announced('m1');
  expect(driver.did()).toEqual(['ackLease 1', 'drained', 'close c1']);
});

test.each<LinkReport>([
  { kind: 'accepted', messageId: 'm1' },
  { kind: 'draining' },
  { kind: 'upstream', messageId: 'u1', from: 'd', data: {}, length: 0 },
  { kind: 'unrecognized', reason: 'no JSON' },
])('a frame of a connection that was given up ($kind) is not even looked at', (frame) => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.nowMs += 2_000;
  driver.closed('c1');
  driver.forget();
  driver.report('c1', frame);
  driver.heard('c1');
  expect(driver.effects).toEqual([]);
});

test('a frame that could not be read, or a control type that is new, is noted and changes nothing', () => {
  const driver = new Driver().open();
  driver.report('c1', { kind: 'unrecognized', reason: 'message_type' });
  driver.report('c1', { kind: 'unrecognized', reason: 'a control_type that protocol §7 does not name' });
  expect(driver.notes('unknownFrame')).toEqual([
    { kind: 'unknownFrame', connection: 'c1', reason: 'message_type' },
    { kind: 'unknownFrame', connection: 'c1', reason: 'a control_type that protocol §7 does not name' },
  ]);
  expect(driver.connections).toEqual(['c1 open 0']);
});
