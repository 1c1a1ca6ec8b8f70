import { ackedOutcome, cancelledOutcome, deadTokenError, overdueOutcome, nackedOutcome, recordedOutcome, stanzaErrorOutcome } from '../../relay/core/outcome.ts';
import type { DownstreamMessage } from '../../relay/protocol/message.ts';
import { record, START_MS } from './intake-world.ts';

const TO_ALL: DownstreamMessage = { message_id: 'm1', condition: "'a' in topics", priority: 'high', time_to_live: 0 };

test('what is not known is absent, and not there as undefined', () => {
  expect(ackedOutcome({}, 1)).toStrictEqual({ state: 'acked', atMs: 1 });
  expect(ackedOutcome({ canonicalToken: 'T' }, 1)).toStrictEqual({ state: 'acked', atMs: 1, canonicalToken: 'T' });
  expect(cancelledOutcome(1)).toStrictEqual({ state: 'cancelled', atMs: 1 });
  expect(overdueOutcome({ maybeTaken: false, lastError: undefined }, 1)).toStrictEqual({ state: 'expired', atMs: 1, errorDescription: 'time_to_live was over before FCM took the message' });
  expect(overdueOutcome({ maybeTaken: true, lastError: 'E' }, 1)).toMatchObject({ state: 'unknown', error: 'E' });
  expect(recordedOutcome(record(), 'dead')).toStrictEqual({ state: 'dead', atMs: START_MS });
  expect(recordedOutcome(record({ error: 'E', errorDescription: 'why', settledAtMs: 2 }), 'nacked')).toStrictEqual({ state: 'nacked', atMs: 2, error: 'E', errorDescription: 'why' });
});

test('a stanza error is described by as much of code, condition and text as there is', () => {
  const described = (frame: { code?: string; condition?: string; text: string }) => stanzaErrorOutcome({ kind: 'stanzaError', ...frame }, TO_ALL, 1).errorDescription;
  expect(described({ code: '400', text: 'why' })).toBe('400 why');
  expect(described({ condition: 'bad-request', text: 'why' })).toBe('bad-request why');
});

test('a message without a token has none to be taken out of a text', () => {
  const nack = { kind: 'nack', messageId: 'm1', error: 'INVALID_JSON', description: 'undefined: no such field' } as const;
  expect(nackedOutcome(nack, TO_ALL, 1).errorDescription).toBe('undefined: no such field');
});

test('only a refusal tells of a dead token', () => {
  const ended = (state: 'nacked' | 'expired') => deadTokenError({ state, atMs: 1, error: 'BAD_REGISTRATION' });
  expect([ended('nacked'), ended('expired'), deadTokenError({ state: 'nacked', atMs: 1 })]).toEqual(['BAD_REGISTRATION', undefined, undefined]);
});
