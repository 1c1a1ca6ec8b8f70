import { Driver } from './support/driver.ts';

const sends = (driver: Driver, id: string): string[] =>
  driver
    .of('send')
    .filter(({ message }) => message.messageId === id)
    .map(({ connection }) => connection);

/** Every claim and mark that is asked for is written, until nothing more is. */
function store(driver: Driver): void {
  for (let before = -1; before !== driver.effects.length;) {
    before = driver.effects.length;
    for (const { messageId } of driver.of('write')) driver.written(messageId);
  }
}

/** The connection that was asked for last opens. */
function open(driver: Driver): string {
  const id = driver.of('connect').at(-1)?.connection ?? 'none';
  driver.opened(id);
  return id;
}

/** Lost twice, on regular connections: from now on it goes out alone. */
function isolated(ids: readonly string[] = ['poison']): Driver {
  const driver = new Driver().open();
  for (const id of ids) driver.pending(id);
  for (const connection of ['c1', 'c2']) {
    driver.closed(connection);
    driver.passAlive(1_000);
    if (connection === 'c1') open(driver);
    store(driver);
  }
  driver.forget();
  return driver;
}

/**
 * Another message proves the quarantine; then the poison goes out on it, alone, and ends it. Returns that connection.
 */
function trial(driver: Driver, n: number): string {
  driver.passAlive(60_000);
  store(driver);
  const quarantine = open(driver);
  driver.pull(`proof${n}`);
  driver.answerRead(`proof${n}`);
  expect(sends(driver, `proof${n}`)).toEqual([quarantine]);
  driver.ack(`proof${n}`, quarantine);
  store(driver);
  expect(sends(driver, 'poison')).toEqual([quarantine]);
  driver.forget();
  driver.closed(quarantine);
  return quarantine;
}

test('lost once, it is sent again after fresh ones; lost again, it waits, and others go on', () => {
  const driver = new Driver().open();
  driver.pending('poison');
  driver.closed('c1');
  driver.passAlive(1_000);
  open(driver);
  store(driver);
  expect(sends(driver, 'poison')).toEqual(['c2']);
  driver.closed('c2');
  expect(driver.notes('suspected')).toEqual([
    { kind: 'suspected', messageId: 'poison', connection: 'c2', losses: 2, convictions: 0 },
  ]);
  expect(driver.notes('resting')).toMatchObject([{ messageId: 'poison', error: 'CONNECTION_LOST', waitMs: 3_000 }]);
  driver.passAlive(1_000);
  open(driver);
  driver.pending('good');
});

test('then it goes out alone, on a connection of its own that another message has proven', () => {
  const driver = isolated();
  driver.opened('c3');
  trial(driver, 1);
  expect(driver.notes('suspected')).toMatchObject([{ losses: 3, convictions: 1 }]);
  expect(driver.connections).toContain('c3 open 0'); // the others are not disturbed
});

test('the third connection that it ends so is the last: dead, and told', () => {
  const driver = isolated();
  driver.opened('c3');
  trial(driver, 1);
  driver.forget();
  trial(driver, 2);
  driver.forget();
  trial(driver, 3);
  expect(driver.of('write').at(-1)?.change).toMatchObject({ state: 'dead', error: 'ENDS_CONNECTIONS', attempts: 5 });
  driver.written('poison');
  expect(driver.only('announce')).toMatchObject({
    events: [{ type: 'fcm.message.dead' }],
    letter: { reason: 'ENDS_CONNECTIONS' },
  });
});

test('an answer acquits it', () => {
  const driver = isolated();
  driver.opened('c3');
  driver.passAlive(5_000);
  store(driver);
  const quarantine = open(driver);
  driver.pending('proof');
  driver.ack('proof', quarantine);
  store(driver);
  driver.nack('poison', 'SERVICE_UNAVAILABLE', { connection: quarantine });
  driver.forget();
  driver.passAlive(10_000);
  store(driver);
  expect(sends(driver, 'poison')).toEqual(['c3']);
});

test('without another message it is sent without a trial, after growing waits, and never given up for it', () => {
  const driver = isolated();
  driver.opened('c3');
  for (const waitMs of [6_000, 12_000, 24_000, 48_000]) {
    driver.passAlive(waitMs / 2); // the wait before
    store(driver);
    const quarantine = open(driver);
    driver.passAlive(10_000); // for a proof that does not come
    store(driver);
    expect(sends(driver, 'poison')).toEqual([quarantine]);
    driver.forget();
    driver.closed(quarantine);
    expect(driver.notes('resting')).toMatchObject([{ waitMs }]);
    expect(driver.notes('suspected')).toMatchObject([{ convictions: 0 }]);
  }
});

test('where other connections are lost as well, that is no evidence against it', () => {
  const driver = isolated();
  driver.opened('c3');
  for (let n = 1; n <= 3; n++) {
    trial(driver, n);
    driver.forget();
    const regular = driver.connections.find((line) => line.includes('open'))?.split(' ')[0] ?? '';
    driver.pending(`lost${n}`);
    driver.closed(regular);
    driver.passAlive(2_000);
    open(driver);
    store(driver);
    driver.report(driver.of('send').at(-1)?.connection ?? '', { kind: 'accepted', messageId: `lost${n}` });
    store(driver);
  }
  expect(driver.of('write').map(({ change }) => change.state)).not.toContain('dead');
});

test('several that are isolated go one after the other', () => {
  const driver = isolated(['poison', 'innocent']);
  driver.opened('c3');
  driver.passAlive(5_000);
  store(driver);
  const quarantine = open(driver);
  driver.pending('proof');
  driver.ack('proof', quarantine);
  store(driver);
  expect([...sends(driver, 'poison'), ...sends(driver, 'innocent')]).toEqual([quarantine]);
});

test('a quarantine that nobody needs is closed', () => {
  const driver = isolated();
  driver.opened('c3');
  driver.passAlive(5_000);
  store(driver);
  const quarantine = open(driver);
  driver.pending('proof');
  driver.ack('proof', quarantine);
  store(driver);
  driver.ack('poison', quarantine);
  store(driver);
  driver.passAlive(12_000);
  expect(driver.of('close').map(({ connection }) => connection)).toEqual([quarantine]);
});

test('what another worker handed back as lost is isolated here at once', () => {
  const driver = new Driver().open();
  driver.pull('poison', { deliveryAttempt: 2 });
  driver.answerRead('poison', {
    state: 'sent',
    attempts: 5,
    error: 'CONNECTION_LOST',
    updatedAtMs: driver.nowMs - 600_000,
  });
  driver.passAlive(1_000);
  expect(driver.of('connect').map(({ connection }) => connection)).toEqual(['c2']);
});
