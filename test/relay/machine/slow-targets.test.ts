import { DEFAULTS } from '../../../relay/machine/turn/config.ts';
import { Driver } from './support/driver.ts';

/** …_RATE_EXCEEDED: everything to that device or topic waits, nothing else does (protocol §4). */
const rested = (driver: Driver): string[] =>
  driver.notes('resting').map(({ messageId, waitMs }) => `${messageId} ${waitMs}`);

test.each([
  ['DEVICE_MESSAGE_RATE_EXCEEDED', { to: 'one-device' }],
  ['TOPICS_MESSAGE_RATE_EXCEEDED', { to: '/topics/one' }],
  ['TOPICS_MESSAGE_RATE_EXCEEDED', { condition: "'one' in topics" }],
])('%s for %j: its next messages wait too, the others go out', (error, target) => {
  const driver = new Driver().open();
  driver.random = 0;
  driver.pending('m1', target);
  driver.nack('m1', error);
  expect(driver.notes('resting')).toMatchObject([{ messageId: 'm1', error, waitMs: 5_000 }]);
  driver.forget();
  driver.pull('m2', target);
  driver.answerRead('m2');
  expect(rested(driver)).toEqual(['m2 5000']);
  expect(driver.did()).toEqual(['read m2']);
  driver.pending('m3', { to: 'another' });
  expect(driver.counts).toEqual({ resting: 2, pending: 1 });
});

test('their waits end apart, each by its own random share', () => {
  const driver = new Driver().open();
  driver.random = 0;
  driver.pending('m1');
  driver.nack('m1', 'DEVICE_MESSAGE_RATE_EXCEEDED');
  for (const [n, random] of [0.1, 0.5, 0.9].entries()) {
    driver.random = random;
    driver.pull(`n${n}`);
    driver.answerRead(`n${n}`);
  }
  expect(rested(driver)).toEqual(['m1 5000', 'n0 5500', 'n1 7500', 'n2 9500']);
});

test('answers that were on their way already do not make it worse; the next one after the wait doubles it', () => {
  const driver = new Driver().open();
  driver.random = 0;
  for (const id of ['m1', 'm2']) driver.pending(id);
  driver.nack('m1', 'DEVICE_MESSAGE_RATE_EXCEEDED');
  driver.pass(1_000);
  driver.written('m2');
  driver.nack('m2', 'DEVICE_MESSAGE_RATE_EXCEEDED');
  expect(rested(driver)).toEqual(['m1 5000', 'm2 4000']);
  driver.pass(4_000);
  driver.written('m1', 'm2');
  driver.forget();
  driver.nack('m1', 'DEVICE_MESSAGE_RATE_EXCEEDED');
  expect(rested(driver)).toEqual(['m1 10000']);
});

test('what was never sent and must wait long goes back as it came, nothing is written', () => {
  const driver = new Driver({ longestRestMs: 4_000 }).open();
  driver.random = 0;
  driver.pending('m1');
  driver.nack('m1', 'DEVICE_MESSAGE_RATE_EXCEEDED');
  driver.written('m1');
  driver.did();
  driver.pull('m2');
  driver.answerRead('m2');
  expect(driver.did()).toEqual(['read m2', 'releaseLease 2']);
});

test('long after its last strike it is forgotten: the next one is a first one', () => {
  const driver = new Driver().open();
  driver.random = 0;
  driver.pending('m1');
  driver.nack('m1', 'DEVICE_MESSAGE_RATE_EXCEEDED');
  driver.passAlive(5_000);
  driver.written('m1');
  driver.ack('m1');
  driver.passAlive(2 * DEFAULTS.slowdown.capMs + 60_000);
  driver.pending('m2');
  driver.nack('m2', 'DEVICE_MESSAGE_RATE_EXCEEDED');
  expect(rested(driver)).toEqual(['m2 5000']);
});
