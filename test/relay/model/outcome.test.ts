import {
  ackedOutcome,
  cancelledOutcome,
  deadTokenError,
  overdueOutcome,
  recordedOutcome,
  refusedOutcome,
} from '../../../relay/model/outcome.ts';
import { record, START_MS } from '../service/service-world.ts';

test('what is not known is absent, and not there as undefined', () => {
  expect(ackedOutcome({}, 1)).toStrictEqual({ state: 'acked', atMs: 1 });
  expect(ackedOutcome({ canonicalToken: 'T' }, 1)).toStrictEqual({ state: 'acked', atMs: 1, canonicalToken: 'T' });
  expect(cancelledOutcome(1)).toStrictEqual({ state: 'cancelled', atMs: 1 });
  expect(overdueOutcome({ maybeTaken: false, lastError: undefined }, 1)).toStrictEqual({
    state: 'expired',
    atMs: 1,
    errorDescription: 'time_to_live expired before FCM accepted the message',
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

test('a refusal shows its code, and a description where there is one', () => {
  expect(refusedOutcome({ code: 'C' }, 1)).toStrictEqual({ state: 'nacked', atMs: 1, error: 'C' });
  expect(refusedOutcome({ code: 'C', description: 'why' }, 1)).toStrictEqual({
    state: 'nacked',
    atMs: 1,
    error: 'C',
    errorDescription: 'why',
  });
});

test('only a refusal tells of a dead token', () => {
  const ended = (state: 'nacked' | 'expired') => deadTokenError({ state, atMs: 1, error: 'BAD_REGISTRATION' });
  expect([ended('nacked'), ended('expired'), deadTokenError({ state: 'nacked', atMs: 1 })]).toEqual([
    'BAD_REGISTRATION',
    undefined,
    undefined,
  ]);
});
