import type { Input } from '../../../../relay/machine/turn/input.ts';
import type { Version } from '../../../../relay/model/ports.ts';
import { Driver } from '../support/driver.ts';

/** What comes in together is one turn of the machine: the reports of a chunk, the answers to an RPC. */
const LATER: Input = {
  kind: 'link',
  connection: 'c1',
  report: { kind: 'refused', messageId: 'm1', verdict: 'retry', code: 'SERVICE_UNAVAILABLE' },
};
const DRAIN: Input = {
  kind: 'link',
  connection: 'c1',
  report: { kind: 'draining' },
};

/** Two are pending, a third waits for a place. */
function full(): Driver {
  const driver = new Driver({ pendingLimit: 2 }).open();
  for (const id of ['m1', 'm2']) driver.pending(id);
  driver.pull('m3');
  driver.answerRead('m3');
  driver.did();
  return driver;
}

test('what there is room for is sent when all of them are taken: none goes out on a connection that drains by the last', () => {
  const [one, both] = [full(), full()];
  one.feed(LATER);
  both.feed(LATER, DRAIN);
  expect(one.did()).toContain('send m3 on c1');
  expect(both.did().filter((line) => line.startsWith('send'))).toEqual([]);
});

test('the window holds, however many facts a turn has', () => {
  const driver = new Driver({ pendingLimit: 2 }).open();
  for (const id of ['m1', 'm2', 'm3', 'm4']) driver.pull(id);
  const read = (messageId: string): Input => ({
    kind: 'read',
    messageId,
    stored: { record: driver.record(), version: 'v' as Version },
  });
  driver.feed(...driver.of('read').map(({ messageId }) => read(messageId)));
  expect(driver.connections).toEqual(['c1 open 2']);
});

/** The read of one message failed, and the time to try again has come. */
function overdue(): Driver {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.storeFailed('m1');
  driver.forget();
  driver.nowMs += 10_000;
  return driver;
}

test('a turn does what is due, whatever else comes in it', () => {
  const driver = overdue();
  driver.pull('m2');
  expect(driver.did()).toEqual(expect.arrayContaining(['read m1', 'read m2']));
});

test('the wake that was asked for is used up in the turn that it comes in, also among others: the next is asked for', () => {
  const driver = overdue();
  driver.feed({ kind: 'link', connection: 'c1', report: { kind: 'heard' } }, { kind: 'woke' });
  expect(driver.of('wake')).toHaveLength(1);
});
