import { Driver } from './support/driver.ts';

function withPending(count: number, config: ConstructorParameters<typeof Driver>[0] = {}): Driver {
  const driver = new Driver(config).open();
  driver.pass(2_000);
  for (let n = 1; n <= count; n++) driver.pending(`m${n}`);
  driver.forget();
  return driver;
}

test('everything that was pending is claimed, then sent again on another connection, in the order it went out', () => {
  const driver = withPending(3, { connections: 2 });
  driver.closed('c1'); // m1 and m3; m2 went out on c2
  expect(driver.notes('lost')).toEqual([{ kind: 'lost', connection: 'c1', pending: 2 }]);
  expect(driver.of('write').map(({ messageId, change }) => [messageId, change.state, change.attempts])).toEqual([
    ['m1', 'sent', 1],
    ['m3', 'sent', 1],
  ]);
  driver.did();
  driver.written('m1', 'm3');
  expect(driver.did()).toEqual(['send m1 on c2', 'send m3 on c2']);
});

test('the repeat goes out under the same id and counts as another attempt', () => {
  const driver = withPending(1, { connections: 2 });
  driver.closed('c1');
  driver.written('m1');
  expect(driver.only('send')).toMatchObject({ connection: 'c2', message: { messageId: 'm1' } });
  expect(driver.notes('sent')).toEqual([{ kind: 'sent', messageId: 'm1', connection: 'c2', attempts: 2 }]);
  driver.ack('m1', 'c2');
  expect(driver.of('write').at(-1)?.change).toMatchObject({ state: 'acked', attempts: 2 });
});

test('they go after those that wait for their first send: one of them may be what ended the connection', () => {
  const driver = withPending(2, { pendingLimit: 2 });
  driver.pull('new');
  driver.answerRead('new');
  driver.pass(1_100); // an old read: the new one has to be claimed, like the others
  driver.closed('c1');
  driver.opened('c2');
  driver.forget();
  driver.written('new', 'm1', 'm2');
  expect(driver.did()).toEqual(['send new on c2', 'send m1 on c2']);
});

test('without another connection they wait for the next', () => {
  const driver = withPending(1);
  driver.closed('c1');
  // a cancel must see that it was sent, however long that takes
  expect(driver.did()).toEqual(['write m1 sent', 'connect c2']);
  driver.opened('c2');
  driver.written('m1');
  expect(driver.did()).toEqual(['send m1 on c2']);
});

test('a hundred pending are a hundred slots free on the next connection, a tenth of them for those that were lost', () => {
  const driver = withPending(100);
  driver.closed('c1');
  driver.opened('c2');
  for (let n = 1; n <= 100; n++) driver.written(`m${n}`);
  expect(driver.connections).toEqual(['c2 open 10']);
  for (let n = 1; n <= 90; n++) driver.pending(`new${n}`);
  expect(driver.connections).toEqual(['c2 open 100']);
});

test('a settled message that is still being written stays where it is', () => {
  const driver = withPending(1);
  driver.ack('m1');
  driver.forget();
  driver.closed('c1');
  expect(driver.did().filter((line) => line.includes('m1'))).toEqual([]);
  driver.written('m1');
  expect(driver.did()).toContain('announce m1 message.acked');
});

test('a claim is for one send: sent elsewhere after that, it is claimed again', () => {
  const driver = withPending(1, { connections: 2 });
  driver.closed('c1');
  driver.written('m1');
  driver.opened('c3');
  driver.nack('m1', 'CONNECTION_DRAINING', { connection: 'c2' });
  driver.written('m1');
  expect(driver.of('write').map(({ change }) => change.attempts)).toEqual([1, 2]);
  expect(driver.notes('sent').map(({ attempts }) => attempts)).toEqual([2, 3]);
});

test('what rests is sent elsewhere when its time comes', () => {
  const driver = withPending(1, { connections: 2 });
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.closed('c1');
  driver.pass(1_500);
  driver.written('m1');
  expect(driver.did()).toContain('send m1 on c2');
});
