import { Driver } from './support/driver.ts';

/** Open for long enough that its end says nothing against the server. */
function settled(config: ConstructorParameters<typeof Driver>[0] = {}): Driver {
  const driver = new Driver(config).open();
  driver.pass(5_000);
  driver.forget();
  return driver;
}

describe('the control message', () => {
  test('opens another connection at once, and notes what is still pending', () => {
    const driver = settled();
    driver.pending('m1');
    driver.drain('c1');
    expect(driver.notes('draining')).toEqual([{ kind: 'draining', connection: 'c1', pending: 1 }]);
    expect(driver.did()).toEqual(['connect c2']);
    expect(driver.connections).toEqual(['c1 draining 1', 'c2 connecting 0']);
  });

  test('from then on nothing new goes out there, though it has room', () => {
    const driver = settled();
    driver.drain('c1');
    driver.pull('m1');
    driver.answerRead('m1');
    expect(driver.did()).toEqual(['connect c2', 'read m1']);
    driver.opened('c2');
    expect(driver.did()).toEqual(['send m1 on c2']);
  });

  test('what is pending there is still answered there', () => {
    const driver = settled();
    driver.pending('m1');
    driver.pending('m2');
    driver.drain('c1');
    driver.forget();
    driver.ack('m1');
    expect(driver.did()).toEqual(['write m1 acked']);
    driver.nack('m2', 'SERVICE_UNAVAILABLE');
    driver.opened('c2');
    driver.pass(1_500);
    driver.written('m2');
    expect(driver.did()).toEqual(['write m2 sent', 'send m2 on c2']);
  });

  test('upstream that comes in there is acked there', () => {
    const driver = settled();
    driver.drain('c1');
    driver.opened('c2');
    driver.forget();
    driver.report('c1', { kind: 'upstream', messageId: 'u1', from: 'device', data: {}, length: 0 });
    driver.feed({ kind: 'published', key: driver.only('publish').key });
    expect(driver.did()).toEqual(['publish u1', 'ack u1 on c1']);
  });

  test('said twice, it is said once; before the connection is open, never', () => {
    const driver = settled();
    driver.drain('c1');
    driver.forget();
    driver.drain('c1');
    driver.drain('c2');
    expect(driver.effects).toEqual([]);
  });

  test('when CCS closes the old one, nothing more is opened, and what was left on it goes to the new one', () => {
    const driver = settled();
    driver.pending('m1');
    driver.drain('c1');
    driver.opened('c2');
    driver.forget();
    driver.closed('c1', 'orderly');
    expect(driver.did()).toEqual(['write m1 sent']);
    driver.written('m1');
    expect(driver.did()).toEqual(['send m1 on c2']);
    expect(driver.connections).toEqual(['c2 open 1']);
  });

  test('a draining connection that falls silent is given up like any other', () => {
    const driver = settled();
    driver.drain('c1');
    driver.opened('c2');
    driver.pass(20_000);
    driver.heard('c2');
    driver.forget();
    driver.pass(10_000);
    expect(driver.did()).toEqual(['destroy c1', 'ping c2']);
  });
});

describe('the nack CONNECTION_DRAINING', () => {
  test('stands for the control message, and its message goes out at once on another connection', () => {
    const driver = settled({ connections: 2 });
    driver.pending('m1');
    driver.nack('m1', 'CONNECTION_DRAINING');
    expect(driver.did()).toEqual(['connect c3', 'write m1 sent']);
    expect(driver.connections).toEqual(['c1 draining 0', 'c2 open 0', 'c3 connecting 0']);
    driver.written('m1');
    expect(driver.did()).toEqual(['send m1 on c2']);
  });

  test('after the control message it only sends the message elsewhere', () => {
    const driver = settled();
    driver.pending('m1');
    driver.drain('c1');
    driver.opened('c2');
    driver.forget();
    driver.nack('m1', 'CONNECTION_DRAINING');
    driver.written('m1');
    expect(driver.did()).toEqual(['write m1 sent', 'send m1 on c2']);
  });

  test('stands for it even when its message is not pending there', () => {
    const driver = settled();
    driver.nack('foreign', 'CONNECTION_DRAINING');
    expect(driver.did()).toEqual(['connect c2']);
    expect(driver.connections).toEqual(['c1 draining 0', 'c2 connecting 0']);
  });

  test('finds a message that is on its way back to Pub/Sub, and leaves it to that', () => {
    const driver = settled();
    driver.pending('m1');
    driver.stop(0);
    driver.forget();
    driver.nack('m1', 'CONNECTION_DRAINING');
    driver.written('m1');
    expect(driver.did()).toEqual(['connect c2', 'releaseLease 1', 'drained', 'close c1', 'close c2']);
  });
});

describe('a server that drains every connection as soon as it is open', () => {
  const HOUR_MS = 3_600_000;

  function connectionsIn(ms: number, meet: (driver: Driver, connection: string) => void): number {
    const driver = new Driver().start();
    const endMs = driver.nowMs + ms;
    let met = 0;
    while (driver.nowMs < endMs) {
      driver.pass(50);
      const asked = driver.of('connect');
      driver.forget();
      for (const { connection } of asked) {
        met++;
        driver.opened(connection);
        meet(driver, connection);
      }
    }
    return met;
  }

  test('makes no hot loop when it closes them at once', () => {
    const met = connectionsIn(HOUR_MS, (driver, connection) => {
      driver.drain(connection);
      driver.closed(connection, 'orderly');
    });
    expect(met).toBeLessThan(150);
  });

  test('makes no hot loop when it closes them late: the end of one that drained is no success', () => {
    const old: string[] = [];
    const met = connectionsIn(HOUR_MS, (driver, connection) => {
      driver.drain(connection);
      old.push(connection);
      if (old.length > 3) driver.closed(old.shift()!, 'orderly');
    });
    expect(met).toBeLessThan(150);
  });
});

describe('a draining connection that CCS does not close', () => {
  const HOUR_MS = 3_600_000;

  test('is closed by us after an hour, once', () => {
    const driver = new Driver().open();
    driver.drain('c1');
    driver.opened('c2');
    driver.passAlive(HOUR_MS - 1_000);
    driver.forget();
    driver.passAlive(2_000);
    expect(driver.did()).toEqual(['close c1']);
    driver.passAlive(HOUR_MS);
    expect(driver.of('close')).toEqual([]);
  });

  test('and never while something is pending on it', () => {
    const driver = new Driver({ answerLimitMs: 10 * HOUR_MS }).open();
    driver.pending('m1', { time_to_live: 1_000_000 });
    driver.drain('c1');
    driver.opened('c2');
    driver.passAlive(2 * HOUR_MS);
    expect(driver.of('close')).toEqual([]);
    driver.ack('m1');
    driver.passAlive(1_000);
    expect(driver.only('close').connection).toBe('c1');
  });
});
