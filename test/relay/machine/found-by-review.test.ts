import { ackStored, fleet, sends, store } from './support/found.ts';
import { Driver } from './support/driver.ts';

/** Faults that a review of the machine found. */

test('a message that CCS always answers CONNECTION_DRAINING does not stop the others', () => {
  const driver = fleet({ connections: 2 });
  driver.pull('bad');
  let acked = 0;
  const startMs = driver.nowMs;
  for (let n = 0; driver.nowMs < startMs + 60_000; n++) {
    driver.pull(`m${n}`, { to: `t${n}` });
    driver.passAlive(250);
    acked += ackStored(driver, { bad: (connection) => driver.nack('bad', 'CONNECTION_DRAINING', { connection }) });
  }
  expect(acked).toBeGreaterThan(220); // of 240
  expect(driver.relay.status().connections.length).toBeLessThan(10);
});

test('one unanswered send after four that CCS refused for now is no reason to give up', () => {
  const driver = fleet();
  driver.pull('m1');
  store(driver);
  for (let n = 1; n <= 4; n++) {
    driver.refused('m1', 'SERVICE_UNAVAILABLE', 'c1');
    driver.passAlive(20_000);
    store(driver);
  }
  expect(sends(driver, 'm1')).toHaveLength(5);
  driver.pull('other', { to: 'other' });
  store(driver);
  driver.passAlive(1_000);
  driver.ack('other');
  driver.passAlive(140_000);
  store(driver);
  expect(driver.notes('settled')).toMatchObject([{ messageId: 'other' }]);
});

test('a late ack while it is claimed, and a request to cancel: FCM has it', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.pass(1_500); // claiming
  driver.ack('m1');
  driver.conflicted('m1');
  driver.answerRead('m1', { attempts: 1, error: 'SERVICE_UNAVAILABLE', cancelRequestedAtMs: driver.nowMs });
  const states = driver.of('write').map(({ change }) => change.state);
  expect(states).not.toContain('cancelled');
});

/** Sent, refused six times for now, then lost with its connection twice: its waits are long already. */
test('a message that has been sent often before is convicted as well', () => {
  const driver = fleet();
  driver.pull('poison', { deliveryAttempt: 2 });
  driver.answerRead('poison', {
    state: 'sent',
    attempts: 8,
    error: 'CONNECTION_LOST',
    updatedAtMs: driver.nowMs - 3_600_000,
  });
  for (let trial = 1; trial <= 3; trial++) {
    for (let s = 0; s < 120 && sends(driver, 'poison').length === 0; s++) {
      driver.pull(`m${trial}-${s}`, { to: `m${trial}-${s}` });
      for (let done = 0; done < driver.effects.length; done++) {
        const effect = driver.effects[done];
        if (effect?.kind === 'send' && effect.message.messageId !== 'poison')
          driver.ack(effect.message.messageId, effect.connection);
        else if (effect?.kind === 'read') driver.answerRead(effect.messageId);
        else if (effect?.kind === 'write') driver.written(effect.messageId);
        else if (effect?.kind === 'connect') driver.opened(effect.connection);
        else if (effect?.kind === 'announce') driver.announced(effect.messageId);
      }
      driver.passAlive(1_000);
    }
    const [connection = ''] = sends(driver, 'poison');
    driver.forget();
    driver.closed(connection);
  }
  expect(driver.of('write').map(({ change }) => change.state)).toEqual(['dead']);
});

test('connections that end with nothing pending are a sign of a bad network too: nobody is dead for it', () => {
  const driver = fleet();
  driver.pull('innocent', { deliveryAttempt: 2 });
  driver.answerRead('innocent', {
    state: 'sent',
    attempts: 2,
    error: 'CONNECTION_LOST',
    updatedAtMs: driver.nowMs - 3_600_000,
  });
  for (let trial = 1; trial <= 3; trial++) {
    for (let s = 0; s < 120 && sends(driver, 'innocent').length === 0; s++) {
      driver.pull(`m${trial}-${s}`, { to: `m${trial}-${s}` });
      for (let done = 0; done < driver.effects.length; done++) {
        const effect = driver.effects[done];
        if (effect?.kind === 'send' && effect.message.messageId !== 'innocent')
          driver.ack(effect.message.messageId, effect.connection);
        else if (effect?.kind === 'read') driver.answerRead(effect.messageId);
        else if (effect?.kind === 'write') driver.written(effect.messageId);
        else if (effect?.kind === 'connect') driver.opened(effect.connection);
        else if (effect?.kind === 'announce') driver.announced(effect.messageId);
      }
      driver.passAlive(5_000);
    }
    driver.forget();
    for (const { id } of driver.relay.status().connections) driver.closed(id); // the network is away: all of them
  }
  expect(driver.of('write').map(({ change }) => change.state)).not.toContain('dead');
});

test('a batch to many targets that all fail opens the breaker, and does not keep it open', () => {
  const driver = fleet();
  let chance = 1;
  for (let n = 0; n < 180; n++) driver.pull(`bad${n}`, { to: `bad${n}` });
  for (let n = 0; n < 100; n++) driver.pull(`good${n}`, { to: `good${n}` });
  // all are at hand before the first answer
  for (let n = 0; n < 280; n++) driver.answerRead(n < 180 ? `bad${n}` : `good${n - 180}`);
  let acked = 0;
  for (let second = 0; second < 120; second++) {
    for (let done = 0; done < driver.effects.length; done++) {
      chance = (chance * 16_807) % 2_147_483_647;
      driver.random = chance / 2_147_483_647;
      const effect = driver.effects[done];
      if (effect?.kind === 'write') driver.written(effect.messageId);
      else if (effect?.kind === 'announce') driver.announced(effect.messageId);
      else if (effect?.kind === 'send' && effect.message.messageId.startsWith('good')) {
        acked++;
        driver.ack(effect.message.messageId);
      } else if (effect?.kind === 'send') {
        driver.refused(effect.message.messageId, 'INTERNAL_SERVER_ERROR');
      }
    }
    driver.forget();
    driver.passAlive(1_000);
  }
  expect(acked).toBe(100);
});

test('after a connection that ended before any answer few go out on the next, until one is answered', () => {
  const driver = fleet({ holdLimit: 400 });
  for (let n = 0; n < 150; n++) driver.pull(`m${n}`, { to: `t${n}` });
  for (let n = 0; n < 150; n++) driver.answerRead(`m${n}`);
  driver.forget();
  driver.closed('c1');
  driver.pass(500); // the fifty that were not sent are fresh still
  driver.opened('c2');
  driver.written(...driver.of('write').map(({ messageId }) => messageId));
  const sent = driver.of('send').map(({ message }) => message.messageId);
  expect(sent).toHaveLength(5);
  driver.ack(sent[0] ?? '', 'c2');
  driver.written(...driver.of('write').map(({ messageId }) => messageId));
  expect(driver.of('send').length).toBeGreaterThan(50);
});

test('a late ack while it is claimed, and a stop: it ends as acked, and is not handed back', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  driver.nack('m1', 'SERVICE_UNAVAILABLE');
  driver.pass(1_500); // claiming
  driver.ack('m1');
  driver.stop();
  driver.forget();
  driver.written('m1');
  expect(driver.did()).toEqual(['write m1 acked']);
  driver.written('m1');
  driver.announced('m1');
  expect(driver.did()).toEqual(['announce m1 message.acked', 'ackLease 1', 'drained', 'close c1']);
});

test('those that wait to be sent alone leave room for others', () => {
  const driver = fleet({ holdLimit: 20 });
  for (let n = 0; n < 6; n++) {
    driver.pull(`lost${n}`, { deliveryAttempt: 2 });
    driver.answerRead(`lost${n}`, {
      state: 'sent',
      attempts: 3,
      error: 'CONNECTION_LOST',
      updatedAtMs: driver.nowMs - 3_600_000,
    });
  }
  expect(driver.notes('handedBack')).toMatchObject([
    { messageId: 'lost4', why: 'fullOfWaiting' },
    { messageId: 'lost5', why: 'fullOfWaiting' },
  ]);
  expect(driver.of('releaseLease').map(({ lease }) => lease)).toEqual([5, 6]);
});
