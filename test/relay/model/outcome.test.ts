import {
  ackedOutcome,
  cancelledOutcome,
  deadTokenError,
  overdueOutcome,
  nackedOutcome,
  recordedOutcome,
  stanzaErrorOutcome,
} from '../../../relay/model/outcome.ts';
import { record, START_MS } from '../service/service-world.ts';

test('what is not known is absent, and not there as undefined', () => {
  expect(ackedOutcome({}, 1)).toStrictEqual({ state: 'acked', atMs: 1 });
  expect(ackedOutcome({ canonicalToken: 'T' }, 1)).toStrictEqual({ state: 'acked', atMs: 1, canonicalToken: 'T' });
  expect(cancelledOutcome(1)).toStrictEqual({ state: 'cancelled', atMs: 1 });
  expect(overdueOutcome({ maybeTaken: false, lastError: undefined }, 1)).toStrictEqual({
    state: 'expired',
    atMs: 1,
    errorDescription: 'time_to_live was over before FCM took the message',
  });
  expect(overdueOutcome({ maybeTaken: true, lastError: 'E' }, 1)).toMatchObject({ state: 'unknown', error: 'E' });
  expect(recordedOutcome(record(), 'dead')).toStrictEqual({ state: 'dead', atMs: START_MS });
  expect(recordedOutcome(record({ error: 'E', errorDescription: 'why', settledAtMs: 2 }), 'nacked')).toStrictEqual({
    state: 'nacked',
    atMs: 2,
    error: 'E',
    errorDescription: 'why',
  });
});

test('a stanza error is described by as much of code, condition and text as there is and is known', () => {
  const described = (frame: { code?: string; condition?: string; text: string }) =>
    stanzaErrorOutcome({ kind: 'stanzaError', ...frame }, 1).errorDescription;
  const text = 'InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id\\n';
  expect(described({ code: '400', text })).toBe(
    '400 InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id',
  );
  expect(described({ condition: 'bad-request', text: 'why' })).toBe('bad-request');
  expect(described({ code: 'TOKEN', condition: 'token', text: 'token' })).toBeUndefined();
});

test('what CCS says in words is told where it is known, and else not at all', () => {
  const described = (description: string) =>
    nackedOutcome({ kind: 'nack', messageId: 'm1', error: 'INVALID_JSON', description }, 1);
  expect(described("Invalid token on 'to' field: X").errorDescription).toBe("Invalid token on 'to' field: [to]");
  expect(described('something else')).not.toHaveProperty('errorDescription');
});

test('only a refusal tells of a dead token', () => {
  const ended = (state: 'nacked' | 'expired') => deadTokenError({ state, atMs: 1, error: 'BAD_REGISTRATION' });
  expect([ended('nacked'), ended('expired'), deadTokenError({ state: 'nacked', atMs: 1 })]).toEqual([
    'BAD_REGISTRATION',
    undefined,
    undefined,
  ]);
});
