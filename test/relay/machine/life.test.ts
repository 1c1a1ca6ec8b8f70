import { Driver, SENDER, START_MS } from './support/driver.ts';

test('it opens its connections first', () => {
  const driver = new Driver().start();
  expect(driver.effects).toEqual([
    { kind: 'connect', connection: 'c1' },
    { kind: 'wake', atMs: START_MS + 10_000 },
  ]);
});

describe('a message without faults', () => {
  test('is read, sent, settled, announced, and only then acked to Pub/Sub', () => {
    const driver = new Driver().open();
    driver.pull('m1');
    expect(driver.did()).toEqual(['read m1']);
    driver.answerRead('m1');
    expect(driver.did()).toEqual(['send m1 on c1']);
    driver.ack('m1');
    expect(driver.did()).toEqual(['write m1 acked']);
    driver.written('m1');
    expect(driver.did()).toEqual(['announce m1 message.acked']);
    driver.announced('m1');
    expect(driver.did()).toEqual(['ackLease 1']);
    expect(driver.counts).toEqual({});
    expect(driver.connections).toEqual(['c1 open 0']);
  });

  test('is settled in one write, on the version that was read', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nowMs += 300;
    driver.ack('m1');
    const atMs = START_MS + 300;
    expect(driver.only('write')).toEqual({
      kind: 'write',
      messageId: 'm1',
      version: 'v1',
      change: {
        state: 'acked',
        attempts: 1,
        error: undefined,
        errorDescription: undefined,
        cancelRequestedAtMs: undefined,
        settledAtMs: atMs,
        updatedAtMs: atMs,
      },
    });
  });

  test('leaves one wide note, with its time since it was accepted', () => {
    const driver = new Driver().open();
    driver.pending('m1', { priority: 'high' });
    driver.nowMs += 300;
    driver.ack('m1');
    driver.written('m1');
    expect(driver.notes('settled')).toEqual([
      {
        kind: 'settled',
        messageId: 'm1',
        state: 'acked',
        lane: 'high',
        attempts: 1,
        error: undefined,
        sinceAcceptedMs: 300,
        knownBefore: false,
      },
    ]);
    expect(driver.notes('answered')).toEqual([{ kind: 'answered', error: undefined, tookMs: 300 }]);
  });

  test('its event names the fact: sender, id and state', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.ack('m1');
    driver.written('m1');
    expect(driver.only('announce')).toMatchObject({
      events: [
        {
          id: `${SENDER}/m1/acked`,
          type: 'fcm.message.acked',
          senderId: SENDER,
          timeMs: START_MS,
          data: { sender_id: SENDER, message_id: 'm1', state: 'acked', attempts: 1 },
        },
      ],
      registration: undefined,
    });
  });
});

describe('many messages', () => {
  test('never more than the limit is pending, and each answer that is stored lets one more out: a death repeats no more than that', () => {
    const driver = new Driver({ pendingLimit: 3 }).open();
    for (let n = 1; n <= 5; n++) driver.pull(`m${n}`);
    for (let n = 1; n <= 5; n++) driver.answerRead(`m${n}`);
    expect(driver.did().filter((line) => line.startsWith('send'))).toEqual([
      'send m1 on c1',
      'send m2 on c1',
      'send m3 on c1',
    ]);
    driver.ack('m2');
    expect(driver.did()).toEqual(['write m2 acked']);
    expect(driver.connections).toEqual(['c1 open 2']);
    driver.written('m2');
    expect(driver.did()).toEqual(['announce m2 message.acked', 'send m4 on c1']);
    expect(driver.connections).toEqual(['c1 open 3']);
  });

  test('two windows full are read ahead of sending, no more: the reads stay fresh', () => {
    const driver = new Driver({ pendingLimit: 2 }).open();
    for (let n = 1; n <= 10; n++) driver.pull(`m${n}`);
    expect(driver.counts).toEqual({ reading: 4, held: 6 });
    driver.answerRead('m1');
    expect(driver.counts).toEqual({ pending: 1, reading: 4, held: 5 });
  });

  test('a high-priority message goes before waiting normal ones, read or not', () => {
    const driver = new Driver({ pendingLimit: 1 }).open();
    driver.pending('m1');
    for (const id of ['m2', 'm3', 'm4', 'm5']) driver.pull(id); // two of them are held
    driver.pull('urgent', { priority: 'high' });
    driver.answerRead('m2');
    driver.forget();
    driver.ack('m1');
    driver.written('m1');
    expect(driver.did()).toEqual(['write m1 acked', 'announce m1 message.acked', 'send m2 on c1', 'read urgent']);
    driver.answerRead('m3');
    driver.answerRead('urgent');
    driver.ack('m2');
    driver.written('m2');
    expect(driver.did()).toEqual(['write m2 acked', 'announce m2 message.acked', 'send urgent on c1', 'read m4']);
  });

  test('go out on the emptiest of several connections', () => {
    const driver = new Driver({ connections: 2, pendingLimit: 2 }).open();
    for (const id of ['m1', 'm2', 'm3', 'm4']) driver.pull(id);
    for (const id of ['m1', 'm2', 'm3', 'm4']) driver.answerRead(id);
    expect(driver.did().filter((line) => line.startsWith('send'))).toEqual([
      'send m1 on c1',
      'send m2 on c2',
      'send m3 on c1',
      'send m4 on c2',
    ]);
  });

  test('wait, read, until there is a connection', () => {
    const driver = new Driver().start();
    driver.pull('m1');
    driver.answerRead('m1');
    expect(driver.did()).toEqual(['connect c1', 'read m1']);
    driver.opened('c1');
    expect(driver.did()).toEqual(['send m1 on c1']);
  });
});

test('the status says what is held where', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.pull('m2');
  expect(driver.relay.status()).toEqual({
    deliveries: {
      held: 0,
      reading: 1,
      ready: 0,
      claiming: 0,
      pending: 1,
      resting: 0,
      settling: 0,
      announcing: 0,
      returning: 0,
      gone: 0,
    },
    connections: [{ id: 'c1', purpose: 'regular', state: 'open', pending: 1 }],
    publishing: 0,
    breakerOpen: false,
    credentialsRefused: false,
  });
});
