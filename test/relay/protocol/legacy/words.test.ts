import { MAX_FAULTS } from '../../../../relay/protocol/rules/faults.ts';
import { parseDownstream } from '../../../../relay/protocol/legacy/parse-downstream.ts';
import { SENDER_ID } from '../cases.ts';

/** Golden: people read these texts in the answer to a bad request. Each bad field beside what is said of it. */
const saidOf = (
  input: unknown,
  senders: readonly string[] = [SENDER_ID],
): (readonly [path: string, message: string])[] => {
  const parsed = parseDownstream(input, { senders, newMessageId: () => 'made-up' });
  return parsed.ok ? [] : parsed.errors.map(({ path, message }) => [path, message]);
};

const STRING = 'must be a string';
const BOOLEAN = 'must be true or false';
const TTL = 'must be between 0 and 2419200 seconds';
const ARGUMENTS = 'must be an array of strings, or such an array as JSON text';

test.each<[field: string, value: unknown, message: string]>([
  ['to', 1, STRING],
  [
    'to',
    '',
    'must be a registration token or notification key (1 to 4096 printable ASCII characters, no white space), or /topics/NAME, where NAME is 1 to 900 of a-z A-Z 0-9 - _ . ~ %',
  ],
  ['message_id', 1, STRING],
  ['message_id', 'a/b', 'must be 1 to 255 printable ASCII characters without "/", and not ".", ".." or "__…__"'],
  ['sender_id', 1, STRING],
  ['sender_id', 'another', 'is not a sender this relay serves'],
  ['collapse_key', 1, STRING],
  ['collapse_key', 'x'.repeat(1_025), 'must be at most 1024 bytes'],
  ['priority', 'urgent', 'must be "high" or "normal"'],
  ['content_available', 1, BOOLEAN],
  ['mutable_content', 1, BOOLEAN],
  ['dry_run', 1, BOOLEAN],
  ['delivery_receipt_requested', 1, BOOLEAN],
  ['time_to_live', true, 'must be a whole number of seconds'],
  ['time_to_live', 1.5, 'must be a whole number of seconds'],
  ['time_to_live', -1, TTL],
  ['time_to_live', 2_419_201, TTL],
  ['registration_ids', ['T'], 'is not supported: send one message per token, each with its own `to`'],
  ['ttl', '3s', 'is not a known field'],
  ['data', 1, 'must be an object'],
  ['data', { k: 'x'.repeat(4_096) }, 'data and notification must be at most 4096 bytes together, keys and values'],
  ['notification', 1, 'must be an object'],
])('%s: %j %s', (field, value, message) => {
  expect(saidOf({ to: 'T', [field]: value })).toEqual([[field, message]]);
});

test.each<[condition: unknown, message: string]>([
  [1, STRING],
  ["'ä' in topics", 'at position 1: expected a topic name of 1 to 900 of a-z A-Z 0-9 - _ . ~ %'],
  ['('.repeat(51), 'at position 50: parentheses nested more than 50 deep'],
  ['x'.repeat(4_097), 'must be at most 4096 bytes'],
])('condition: %j %s', (condition, message) => {
  expect(saidOf({ condition })).toEqual([['condition', message]]);
});

test.each<[field: string, value: unknown, message: string]>([
  ['title', 1, STRING],
  ['color', 1, STRING],
  ['color', 'red', 'must have the form #rrggbb'],
  ['click_action', 1, STRING],
  ['click_action', 'http://example.com', 'must be a well-formed https:// URL if it is a URL'],
  ['icon', 1, STRING],
  ['icon', 'https://', 'must be well-formed if it is a URL'],
  ['badge', true, 'must be a whole number in a string'],
  ['badge', '-1', 'must be a whole number, 0 or more'],
  ['title_loc_args', 1, ARGUMENTS],
  ['body_loc_args', '[1]', ARGUMENTS],
  ['image', 'x', 'must be a well-formed https:// URL'],
  ['vibrate', 'x', 'is not a known field'],
])('notification.%s: %j %s', (field, value, message) => {
  expect(saidOf({ to: 'T', notification: { [field]: value } })).toEqual([[`notification.${field}`, message]]);
});

test('what concerns more than one field', () => {
  expect(saidOf([])).toEqual([['', 'must be a JSON object']]);
  expect(saidOf({})).toEqual([['to', 'is required, unless `condition` is set']]);
  expect(saidOf({ to: 'T', condition: "'a' in topics" })).toEqual([
    ['condition', 'must not be set together with `to`'],
  ]);
  expect(saidOf({ to: 'T', data: { from: 'x' } })).toEqual([['data.from', 'is a key reserved by FCM']]);
  expect(saidOf({ to: '/topics/a', data: { k: 'x'.repeat(2_048) } })).toEqual([
    ['data', 'data and notification must be at most 2048 bytes together, keys and values'],
  ]);
  expect(saidOf({ to: 'T' }, ['7', '8'])).toEqual([
    ['sender_id', 'is required: there is more than one sender to choose from, or none'],
  ]);
});

test('where more is wrong than is listed, it is said how much is', () => {
  const unknownFields = Object.fromEntries(Array.from({ length: MAX_FAULTS + 1 }, (_, i) => [`x${i}`, 1]));
  expect(saidOf({ to: 'T', ...unknownFields }).at(-1)).toEqual(['', 'too many errors: only the first 99 are listed']);
});
