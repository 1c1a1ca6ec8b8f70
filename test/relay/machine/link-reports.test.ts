import { Driver } from './support/driver.ts';
import { MEMORY_TRAITS } from '../../support/memory/link.ts';

const SECOND_MS = 1_000;

describe('the limit', () => {
  test('comes with the link, and is at most what is configured', () => {
    const sentOn = (limit: number): number => {
      const driver = new Driver({ pendingLimit: 3 }).start();
      driver.report('c1', { kind: 'opened', limit });
      for (let n = 1; n <= 5; n++) driver.pull(`m${n}`);
      for (let n = 1; n <= 5; n++) driver.answerRead(`m${n}`);
      return driver.of('send').length;
    };
    expect([sentOn(2), sentOn(100)]).toEqual([2, 3]);
  });

  test('that is lowered lets nothing new out until enough is answered, and takes nothing back', () => {
    const driver = new Driver({ pendingLimit: 3 }).open();
    for (const id of ['m1', 'm2', 'm3']) driver.pending(id);
    driver.pull('m4');
    driver.answerRead('m4');
    driver.report('c1', { kind: 'limitChanged', limit: 1 });
    driver.forget();
    driver.ack('m1');
    driver.ack('m2');
    driver.written('m1', 'm2');
    expect(driver.of('send')).toEqual([]);
    expect(driver.connections).toEqual(['c1 open 1']);
    driver.ack('m3');
    driver.written('m3');
    expect(driver.of('send')).toHaveLength(1);
  });

  test('that is raised lets what waits out at once', () => {
    const driver = new Driver({ pendingLimit: 2 }).start();
    driver.report('c1', { kind: 'opened', limit: 1 });
    driver.pending('m1');
    driver.pull('m2');
    driver.answerRead('m2');
    driver.forget();
    driver.report('c1', { kind: 'limitChanged', limit: 2 });
    expect(driver.did()).toEqual(['send m2 on c1']);
  });
});

describe('where one unanswered message can be abandoned', () => {
  const overdue = (): Driver => {
    const driver = new Driver({ traits: MEMORY_TRAITS, answerLimitMs: 5 * SECOND_MS }).open();
    driver.pending('m1');
    driver.passAlive(5 * SECOND_MS);
    return driver;
  };

  test('it is, once, and its connection stays', () => {
    const driver = overdue();
    driver.passAlive(SECOND_MS);
    expect(driver.notes('unanswered')).toHaveLength(1);
    expect(driver.did().filter((line) => line.startsWith('abandon'))).toEqual(['abandon m1 on c1']);
    expect(driver.connections).toEqual(['c1 open 1']);
  });

  test('its place is free when the link lets go of it, and it is sent again after the wait for the unanswered', () => {
    const driver = overdue();
    driver.report('c1', { kind: 'unknown', messageId: 'm1' });
    expect(driver.connections).toEqual(['c1 open 0']);
    expect(driver.notes('resting')).toMatchObject([{ messageId: 'm1', error: 'NO_ANSWER', waitMs: 45_000 }]);
    expect(driver.counts).toEqual({ resting: 1 });
  });

  test('an answer that comes first counts', () => {
    const driver = overdue();
    driver.ack('m1');
    driver.report('c1', { kind: 'unknown', messageId: 'm1' });
    expect(driver.counts).toEqual({ settling: 1 });
    expect(driver.notes('unmatchedAnswer')).toMatchObject([{ messageId: 'm1' }]);
  });
});

describe('an unknown outcome', () => {
  test('ends as unknown when the time to live is over: FCM may have it', () => {
    const driver = new Driver().open();
    driver.pending('m1', { time_to_live: 30 });
    driver.report('c1', { kind: 'unknown', messageId: 'm1' });
    driver.marked('m1');
    driver.passAlive(31 * SECOND_MS);
    expect(driver.of('write').at(-1)?.change).toMatchObject({ state: 'unknown', error: 'NO_ANSWER' });
  });
});

describe('a message that FCM did not look at', () => {
  test('is sent again at once', () => {
    const driver = new Driver({ connections: 2 }).open();
    driver.pending('m1');
    driver.report('c1', { kind: 'notProcessed', messageId: 'm1' });
    driver.written('m1');
    expect(driver.did()).toContain('send m1 on c1');
  });

  test('again and again waits like any other', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    for (let n = 0; n < 4; n++) {
      driver.report('c1', { kind: 'notProcessed', messageId: 'm1' });
      driver.written('m1');
    }
    expect(driver.notes('resting')).toMatchObject([{ error: 'NOT_PROCESSED' }]);
    expect(driver.notes('answered')).toEqual([]);
  });

  test('is noted where it is not pending', () => {
    const driver = new Driver().open();
    driver.report('c1', { kind: 'notProcessed', messageId: 'm1' });
    expect(driver.notes('unmatchedAnswer')).toMatchObject([{ messageId: 'm1', error: 'NOT_PROCESSED' }]);
  });
});

test('a refusal that says how long to wait is obeyed', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.report('c1', {
    kind: 'refused',
    messageId: 'm1',
    verdict: 'retry',
    code: 'SERVICE_UNAVAILABLE',
    retryAfterMs: 30_000,
  });
  expect(driver.notes('resting')).toMatchObject([{ waitMs: 30_000 }]);
});

describe('an idle link', () => {
  test('is not silent: it is neither pinged nor replaced', () => {
    const driver = new Driver().open();
    driver.report('c1', { kind: 'idle' });
    driver.pass(300 * SECOND_MS);
    expect(driver.did()).toEqual([]);
    expect(driver.connections).toEqual(['c1 open 0']);
  });

  test('takes the next message, from which on silence counts again', () => {
    const driver = new Driver().open();
    driver.report('c1', { kind: 'idle' });
    driver.pass(300 * SECOND_MS);
    driver.pending('m1');
    driver.pass(10 * SECOND_MS);
    expect(driver.did()).toContain('ping c1');
    driver.pass(20 * SECOND_MS);
    expect(driver.did()).toContain('destroy c1');
  });
});

describe('refused credentials', () => {
  test('on a link that stays open are shown until a message is answered on it', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.report('c1', { kind: 'credentialsRefused', detail: 'by the test' });
    expect(driver.relay.status()).toMatchObject({ credentialsRefused: true });
    expect(driver.connections).toEqual(['c1 open 1']);
    driver.ack('m1');
    expect(driver.relay.status()).toMatchObject({ credentialsRefused: false });
  });

  test('before a link ends are why it ended', () => {
    const driver = new Driver().start();
    driver.closed('c1', 'refusedCredentials');
    expect(driver.notes('closed')).toMatchObject([{ how: 'refusedCredentials' }]);
  });
});
