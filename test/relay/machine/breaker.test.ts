import { Breaker, TRIP_AFTER } from '../../../relay/machine/pacing/breaker.ts';
import { Driver } from './support/driver.ts';

const POLICY = { firstMs: 1_000, capMs: 4_000 };

describe('the breaker alone', () => {
  function tripped(): Breaker {
    const breaker = new Breaker(POLICY);
    for (let n = 1; n < TRIP_AFTER; n++) expect(breaker.failed(true, 0, 0)).toBeUndefined();
    expect(breaker.failed(true, 0, 0)).toBe(1_000);
    return breaker;
  }

  test('closed, it allows everything and asks for nothing', () => {
    const breaker = new Breaker(POLICY);
    expect([breaker.isOpen, breaker.allows(0), breaker.sent(0, 0), breaker.worked()]).toEqual([
      false,
      Infinity,
      undefined,
      false,
    ]);
  });

  test('any other answer between them: it stays closed', () => {
    const breaker = new Breaker(POLICY);
    for (let n = 0; n < 3 * TRIP_AFTER; n++) {
      breaker.failed(true, 0, 0);
      if (n % TRIP_AFTER === 5) breaker.worked();
    }
    expect(breaker.isOpen).toBe(false);
  });

  test('a target that failed before is no evidence', () => {
    const breaker = new Breaker(POLICY);
    for (let n = 0; n < 10 * TRIP_AFTER; n++) expect(breaker.failed(n === 0, 0, 0)).toBeUndefined();
    expect(breaker.isOpen).toBe(false);
  });

  test('open: nothing, then one message after the wait, then nothing until it is answered', () => {
    const breaker = tripped();
    expect([breaker.allows(999), breaker.allows(1_000)]).toEqual([0, 1]);
    expect(breaker.sent(1_000, 0)).toBe(2_000);
    // a probe without an answer is followed by another
    expect([breaker.allows(1_999), breaker.allows(2_000)]).toEqual([0, 1]);
  });

  test('the waits double with each probe that fails, up to the cap, with a random part', () => {
    const breaker = tripped();
    const waits = [0, 0.5, 0].map((random) => {
      breaker.sent(10_000, 0);
      return breaker.failed(true, 10_000, random)! - 10_000;
    });
    expect(waits).toEqual([2_000, 6_000, 4_000]);
  });

  test('answers to what was on its way when it opened change nothing', () => {
    const breaker = tripped();
    for (let n = 0; n < 100; n++) expect(breaker.failed(true, 500, 0)).toBeUndefined();
    expect(breaker.allows(1_000)).toBe(1);
  });

  test('the first answer of another kind closes it; the next storm begins anew', () => {
    const breaker = tripped();
    breaker.sent(1_000, 0);
    expect(breaker.worked()).toBe(true);
    expect([breaker.isOpen, breaker.allows(1_000)]).toEqual([false, Infinity]);
    expect(breaker.failed(true, 2_000, 0)).toBeUndefined();
  });
});

describe('a storm', () => {
  const sends = (driver: Driver): string[] => driver.of('send').map(({ message }) => message.messageId);

  /** The whole window was refused, and one message that was never sent waits too. */
  function storm(): Driver {
    const driver = new Driver({ pendingLimit: TRIP_AFTER }).open();
    for (let n = 1; n <= TRIP_AFTER; n++) driver.pending(`m${n}`, { to: `token-${n}` });
    for (let n = 1; n <= TRIP_AFTER; n++) driver.nack(`m${n}`, 'SERVICE_UNAVAILABLE');
    expect(driver.notes('breakerOpen')).toEqual([{ kind: 'breakerOpen', waitMs: 1_500 }]);
    driver.pull('fresh');
    driver.answerRead('fresh');
    expect(sends(driver)).toEqual([]);
    driver.forget();
    return driver;
  }

  /** After the wait: one message is claimed, and sent. Returns its id. */
  function probe(driver: Driver, waitMs: number): string {
    driver.passAlive(waitMs - 1);
    expect(driver.of('write')).toEqual([]);
    driver.passAlive(1);
    const { messageId } = driver.only('write');
    driver.written(messageId);
    expect(sends(driver)).toEqual([messageId]);
    expect(driver.of('note').map(({ note }) => note.kind)).toEqual(['sent']);
    driver.forget();
    return messageId;
  }

  test('stops the whole sender; one probe at a time, and each that fails doubles the wait', () => {
    const driver = storm();
    expect(driver.relay.status().breakerOpen).toBe(true);
    driver.nack(probe(driver, 1_500), 'INTERNAL_SERVER_ERROR');
    expect(driver.notes('breakerOpen')).toEqual([{ kind: 'breakerOpen', waitMs: 3_000 }]);
    driver.forget();
    driver.nack(probe(driver, 3_000), 'SERVICE_UNAVAILABLE');
    expect(driver.notes('breakerOpen')).toMatchObject([{ waitMs: 6_000 }]);
  });

  test('ends with the first ack of a probe: all that waits goes out', () => {
    const driver = storm();
    const answered = probe(driver, 1_500);
    driver.ack(answered);
    driver.written(answered);
    expect(driver.notes('breakerClosed')).toHaveLength(1);
    expect(driver.relay.status().breakerOpen).toBe(false);
    expect(driver.of('write').length).toBe(1 + TRIP_AFTER); // the ack, and a claim for each of the rest
  });

  test('is probed with a target that has not failed, though others have waited longer', () => {
    expect(probe(storm(), 1_500)).toBe('fresh');
  });

  test('a draining connection is no answer about the service', () => {
    const driver = storm();
    driver.nack(probe(driver, 1_500), 'CONNECTION_DRAINING');
    expect(driver.relay.status().breakerOpen).toBe(true);
  });

  test.each(['BAD_REGISTRATION', 'DEVICE_MESSAGE_RATE_EXCEEDED'])('%s is: CCS works', (error) => {
    const driver = storm();
    driver.nack(probe(driver, 1_500), error);
    expect(driver.relay.status().breakerOpen).toBe(false);
  });

  test('a probe whose connection is lost is followed by another after the same wait', () => {
    const driver = storm();
    probe(driver, 1_500);
    driver.closed('c1', 'orderly');
    driver.opened('c2');
    driver.written('fresh'); // sent, says its document
    driver.forget();
    probe(driver, 1_500);
  });
});

describe('one target that fails, while CCS takes everything else', () => {
  const failing = (driver: Driver, count: number, to = '/topics/poison'): void => {
    for (let n = 1; n <= count; n++) driver.pending(`p${n}`, { to });
    for (let n = 1; n <= count; n++) driver.nack(`p${n}`, 'INTERNAL_SERVER_ERROR');
  };

  test('however many of its messages fail, the breaker stays closed and others are sent at once', () => {
    const driver = new Driver().open();
    failing(driver, 5 * TRIP_AFTER);
    expect(driver.relay.status().breakerOpen).toBe(false);
    driver.pending('good');
  });

  test('nor do many targets that fail again and again open it: each is evidence once', () => {
    const driver = new Driver().open();
    const count = TRIP_AFTER - 1;
    for (let n = 1; n <= count; n++) driver.pending(`p${n}`, { to: `bad-${n}` });
    for (let round = 0; round < 3; round++) {
      for (let n = 1; n <= count; n++) driver.nack(`p${n}`, 'A_NEW_CODE');
      driver.passAlive(20_000);
      driver.written(...Array.from({ length: count }, (_, n) => `p${n + 1}`)); // claimed, and sent again
    }
    expect(driver.relay.status().breakerOpen).toBe(false);
  });

  test('after a few failures in a row its other messages wait as well, and take no place', () => {
    const driver = new Driver().open();
    failing(driver, 4);
    driver.pull('p5', { to: '/topics/poison' });
    driver.answerRead('p5');
    expect(driver.of('send').filter(({ message }) => message.messageId === 'p5')).toEqual([]);
    expect(driver.notes('resting').at(-1)).toMatchObject({ messageId: 'p5' });
    driver.pending('good');
  });

  test('one message of it that CCS takes ends that', () => {
    const driver = new Driver().open();
    failing(driver, 3);
    driver.pending('p4', { to: '/topics/poison' });
    driver.ack('p4');
    driver.pending('p5', { to: '/topics/poison' });
  });

  test('what comes again goes after what is fresh, and is not starved by it', () => {
    const driver = new Driver({ pendingLimit: 1 }).open();
    driver.pending('bad', { to: 'bad' });
    driver.pull('m1', { to: 'good' });
    driver.answerRead('m1');
    driver.nack('bad', 'SERVICE_UNAVAILABLE');
    driver.pull('m2', { to: 'good' });
    driver.answerRead('m2');
    driver.passAlive(900);
    driver.pass(700); // the wait is over; the place is taken
    driver.ack('m1');
    driver.forget();
    driver.written('m1', 'm1');
    expect(driver.did()).toContain('write m2 sent'); // its read is old by now
  });
});
