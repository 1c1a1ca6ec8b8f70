import { TRIP_AFTER } from '../../../relay/machine/pacing/breaker.ts';
import { reportOfStanzaError } from '../../../relay/adapters/xmpp/verdicts.ts';
import type { StanzaErrorFrame } from '../../../relay/protocol/ccs/frame.ts';
import { Driver, TOKEN } from './support/driver.ts';

const stanzaError = (driver: Driver, error: Omit<StanzaErrorFrame, 'kind'>): void =>
  driver.report('c1', reportOfStanzaError({ kind: 'stanzaError', ...error }));

test('one that names a message refuses it: nacked as STANZA_ERROR, with what is known of what CCS said', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  stanzaError(driver, {
    messageId: 'm1',
    code: '400',
    condition: 'bad-request',
    text: `InvalidJson: JSON_PARSING_ERROR : ${TOKEN}\n`,
  });
  expect(driver.only('write').change).toMatchObject({
    state: 'nacked',
    error: 'STANZA_ERROR',
    errorDescription: '400 bad-request InvalidJson: JSON_PARSING_ERROR',
  });
  expect(driver.notes('answered')).toMatchObject([{ error: 'STANZA_ERROR' }]);
  expect(driver.connections).toEqual(['c1 open 0']);
});

test('one without a code, condition or text still refuses it', () => {
  const driver = new Driver().open();
  driver.pending('m1', { condition: "'a' in topics" });
  stanzaError(driver, { messageId: 'm1', text: '' });
  expect(driver.only('write').change).toMatchObject({
    state: 'nacked',
    error: 'STANZA_ERROR',
    errorDescription: undefined,
  });
});

test('protocol §6: code 406 answers an ack of ours, whatever id it echoes: a defect, and no message is concerned', () => {
  const driver = new Driver().open();
  driver.pending('m1');
  stanzaError(driver, {
    messageId: 'm1',
    code: '406',
    condition: 'not-acceptable',
    text: 'Received acks for messages not sent over this connection',
  });
  expect(driver.notes('defect')).toEqual([
    {
      kind: 'defect',
      connection: 'c1',
      what: 'stanza error 406 not-acceptable Received acks for messages not sent over this connection',
    },
  ]);
  expect(driver.did()).toEqual([]);
  expect(driver.connections).toEqual(['c1 open 1']);
});

test('one that names no message is a defect, and nothing else', () => {
  const driver = new Driver().open();
  stanzaError(driver, { text: 'something' });
  expect(driver.notes('defect')).toEqual([{ kind: 'defect', connection: 'c1', what: 'stanza error' }]);
});

test.each(['internal-server-error', 'resource-constraint', 'service-unavailable', 'remote-server-timeout'])(
  'RFC 6120 §8.3.3, %s: later, not never',
  (condition) => {
    const driver = new Driver().open();
    driver.pending('m1');
    stanzaError(driver, { messageId: 'm1', code: '500', condition, text: '' });
    expect(driver.notes('resting')).toMatchObject([{ error: 'STANZA_ERROR', waitMs: 1_500 }]);
    driver.marked('m1');
    driver.forget();
    driver.pass(1_500);
    driver.written('m1');
    expect(driver.did()).toEqual(['write m1 sent', 'send m1 on c1']);
  },
);

test('one for a message that is not pending there is noted and changes nothing', () => {
  const driver = new Driver().open();
  stanzaError(driver, { messageId: 'm1', code: '400', text: '' });
  expect(driver.notes('unmatchedAnswer')).toEqual([
    { kind: 'unmatchedAnswer', connection: 'c1', messageId: 'm1', error: 'STANZA_ERROR' },
  ]);
});

test('"later" in a row stops the whole sender, and any other in between is an answer of a CCS that works', () => {
  const breakerOpenAfter = (condition: string): boolean => {
    const driver = new Driver({ pendingLimit: 2 * TRIP_AFTER }).open();
    for (let n = 1; n < 2 * TRIP_AFTER; n++) driver.pending(`m${n}`, { to: `token-${n}` });
    for (let n = 1; n < 2 * TRIP_AFTER; n++) {
      stanzaError(driver, {
        messageId: `m${n}`,
        condition: n === TRIP_AFTER ? condition : 'service-unavailable',
        text: '',
      });
    }
    return driver.relay.status().breakerOpen;
  };
  expect([breakerOpenAfter('service-unavailable'), breakerOpenAfter('bad-request')]).toEqual([true, false]);
});
