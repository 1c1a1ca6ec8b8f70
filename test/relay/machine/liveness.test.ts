import { Driver } from './support/driver.ts';

test('a silent far end is probed once, and not again after it answers', () => {
  const driver = new Driver().open();
  driver.pass(9_999);
  expect(driver.did()).toEqual([]);
  driver.pass(201);
  expect(driver.did()).toEqual(['ping c1']);
  driver.pass(5_000);
  expect(driver.did()).toEqual([]);
  driver.heard('c1');
  driver.pass(9_000);
  expect(driver.did()).toEqual([]);
  driver.pass(1_200);
  expect(driver.did()).toEqual(['ping c1']);
});

test('any frame is a sign of life', () => {
  const driver = new Driver().open();
  for (let n = 0; n < 20; n++) {
    driver.pass(9_000);
    driver.report('c1', { kind: 'unrecognized', reason: 'whatever' });
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
  const sent = (): string[] =>
    driver.of('send').map(({ message, connection }) => `${message.messageId} on ${connection}`);
  for (let n = 1; n <= 100; n++) driver.written(`m${n}`);
  // a few at a time: one of them may be what ended c1
  expect(sent()).toEqual(Array.from({ length: 10 }, (_, n) => `m${n + 1} on c2`));
  for (let n = 1; n <= 100; n++) {
    driver.ack(`m${n}`, 'c2');
    for (let waits = 1; waits <= 100; waits++) driver.written(`m${waits}`);
  }
  expect(sent()).toEqual(Array.from({ length: 100 }, (_, n) => `m${n + 1} on c2`));
});

test('reports from an abandoned connection are ignored', () => {
  const driver = new Driver().open();
  driver.pass(31_000);
  driver.forget();
  driver.closed('c1', 'failed');
  expect(driver.effects).toEqual([]);
});

test('one message that stays unanswered on a connection that lives: the connection is replaced, and the message waits', () => {
  const driver = new Driver({ answerLimitMs: 20_000 }).open();
  driver.pending('m1');
  driver.pass(1_200);
  driver.written('m1');
  driver.passAlive(18_000);
  driver.forget();
  driver.pass(1_000);
  expect(driver.notes('unanswered')).toEqual([{ kind: 'unanswered', connection: 'c1', pendingMs: 20_000 }]);
  expect(driver.notes('resting')).toEqual([
    { kind: 'resting', messageId: 'm1', error: 'NO_ANSWER', waitMs: 45_000, attempts: 1 },
  ]);
  expect(driver.did()).toEqual(['destroy c1', 'connect c2']);
  driver.opened('c2');
  driver.passAlive(45_000);
  driver.written('m1');
  expect(driver.did().filter((line) => !line.startsWith('ping'))).toEqual(['write m1 sent', 'send m1 on c2']);
});

test('the others on it get a short grace period, while new ones go elsewhere', () => {
  const driver = new Driver({ answerLimitMs: 20_000 }).open();
  driver.pending('mute');
  driver.passAlive(15_000);
  driver.pending('other');
  driver.passAlive(5_000);
  expect(driver.connections).toEqual(['c1 draining 2', 'c2 connecting 0']);
  driver.opened('c2');
  driver.pending('new');
  driver.ack('other');
  driver.passAlive(200);
  expect(driver.connections).toEqual(['c2 open 1']);
});

test('but not more than ten seconds', () => {
  const driver = new Driver({ answerLimitMs: 20_000 }).open();
  driver.pending('mute');
  driver.passAlive(19_000);
  driver.forget();
  driver.pending('other');
  driver.passAlive(10_800);
  expect(driver.connections).toContain('c1 draining 2');
  driver.passAlive(400);
  expect(driver.connections).toEqual(['c2 connecting 0']);
});

describe('a message that CCS never answers', () => {
  /** Its nth send, while CCS answers another message after it or does not. */
  function unanswered(attempts: number, answersOthers: boolean): Driver {
    const driver = new Driver({ answerLimitMs: 20_000 }).open();
    driver.pull('mute');
    driver.answerRead('mute', {
      state: 'sent',
      attempts: attempts - 1,
      error: 'NO_ANSWER',
      updatedAtMs: driver.nowMs - 4_000_000,
    });
    driver.written('mute');
    driver.pass(200);
    driver.pending('other');
    if (answersOthers) driver.ack('other');
    driver.passAlive(30_200);
    return driver;
  }

  test("waits longer each time: past a minute the wait is Pub/Sub's, and its document tells the next worker", () => {
    const driver = unanswered(3, true);
    expect(driver.notes('resting').at(-1)).toMatchObject({ messageId: 'mute', error: 'NO_ANSWER', waitMs: 180_000 });
    expect(driver.notes('handedBack')).toMatchObject([{ messageId: 'mute', why: 'longWait' }]);
  });

  test('ends as unknown after five sends, while CCS answers others', () => {
    const change = unanswered(5, true).of('write').at(-1)?.change;
    expect(change).toMatchObject({ state: 'unknown', attempts: 5, error: 'NO_ANSWER' });
    expect(change?.errorDescription).toBe(
      'sent 5 times: FCM answered other messages, and did not answer the last sends of this one',
    );
  });

  test('keeps waiting while CCS answers no message', () => {
    expect(
      unanswered(5, false)
        .notes('resting')
        .find(({ messageId }) => messageId === 'mute'),
    ).toMatchObject({ error: 'NO_ANSWER' });
  });
});

test('a connection that is over is not looked at again', () => {
  const driver = new Driver({ awayLimitMs: 1e9 }).open();
  driver.pass(5_000);
  driver.closed('c1');
  driver.forget();
  driver.pass(60_000);
  expect(driver.did()).toEqual([]); // c2 was asked for, and has not opened: the transport has its own limit for that
});
