import { Driver } from './support/driver.ts';

test('a far end that says nothing is asked once whether it lives, and left alone once it does', () => {
  const driver = new Driver().open();
  driver.pass(9_999);
  expect(driver.did()).toEqual([]);
  driver.pass(201);
  expect(driver.did()).toEqual(['ping c1']);
  driver.pass(5_000);
  expect(driver.did()).toEqual([]);
  driver.feed({ kind: 'heard', connection: 'c1' });
  driver.pass(9_000);
  expect(driver.did()).toEqual([]);
  driver.pass(1_200);
  expect(driver.did()).toEqual(['ping c1']);
});

test('any frame is a sign of life', () => {
  const driver = new Driver().open();
  for (let n = 0; n < 20; n++) {
    driver.pass(9_000);
    driver.frame('c1', { kind: 'unknown', reason: 'whatever' });
  }
  expect(driver.did()).toEqual([]);
});

test('half open: the silent connection is given up, another opened at once, and all 100 pending go out again', () => {
  const driver = new Driver().open();
  for (let n = 1; n <= 100; n++) driver.pending(`m${n}`);
  driver.pass(1_200); // slow answers are marked
  for (let n = 1; n <= 100; n++) driver.written(`m${n}`);
  driver.did();
  driver.pass(30_000);
  expect(driver.notes('silent')).toEqual([{ kind: 'silent', connection: 'c1', silentMs: 30_000, pending: 100 }]);
  expect(driver.notes('lost')).toEqual([{ kind: 'lost', connection: 'c1', pending: 100 }]);
  expect(driver.did()).toEqual(['ping c1', 'destroy c1', 'connect c2']);
  driver.opened('c2');
  for (let n = 1; n <= 100; n++) driver.written(`m${n}`);
  const told = driver.did();
  expect(told.filter((line) => line.startsWith('write'))).toHaveLength(100);
  expect(told.filter((line) => line.startsWith('send'))).toEqual(Array.from({ length: 100 }, (_, n) => `send m${n + 1} on c2`));
});

test('what the given-up connection still says is not heard', () => {
  const driver = new Driver().open();
  driver.pass(31_000);
  driver.forget();
  driver.closed('c1', 'failed');
  expect(driver.effects).toEqual([]);
});

test('one message that stays unanswered on a connection that lives: the connection is replaced', () => {
  const driver = new Driver({ answerLimitMs: 20_000 }).open();
  driver.pending('m1');
  driver.pass(1_200);
  driver.written('m1');
  driver.passAlive(18_000);
  driver.forget();
  driver.pass(1_000);
  expect(driver.notes('unanswered')).toEqual([{ kind: 'unanswered', connection: 'c1', pendingMs: 20_000 }]);
  expect(driver.did()).toEqual(['destroy c1', 'connect c2']);
  driver.opened('c2');
  driver.written('m1');
  expect(driver.did()).toEqual(['write m1 sent', 'send m1 on c2']);
});

test('a connection that is over is not looked at again', () => {
  const driver = new Driver().open();
  driver.pass(5_000);
  driver.closed('c1');
  driver.forget();
  driver.pass(60_000);
  expect(driver.did()).toEqual([]); // c2 was asked for, and has not opened: the transport has its own limit for that
});
