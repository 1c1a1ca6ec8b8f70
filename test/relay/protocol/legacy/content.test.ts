import { canonicalContent } from '../../../../relay/protocol/legacy/content.ts';
import { parseJson } from '../../../../relay/protocol/json/json.ts';
import { parseDownstream } from '../../../../relay/protocol/legacy/parse-downstream.ts';

const contentOf = (input: unknown, senderId = '1') => {
  const parsed = parseDownstream(input, { senders: [senderId], newMessageId: () => 'm' });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return canonicalContent(parsed.value);
};
const REQUEST = {
  to: 'T',
  message_id: 'm',
  data: { b: '1', a: '2', 10: 'x', 9: 'y' },
  notification: { badge: '3', title: 't' },
  time_to_live: 600,
};

test('the same request in other words is the same content', () => {
  const reworded = {
    time_to_live: '600',
    priority: 'high',
    notification: { title: 't', badge: 3 },
    data: { 9: 'y', a: 2, 10: 'x', b: 1 },
    message_id: 'm',
    to: 'T',
  };
  expect(contentOf(reworded)).toBe(contentOf(REQUEST));
});

test.each<[string, object]>([
  ['target', { to: 'U' }],
  ['id', { message_id: 'n' }],
  ['option', { dry_run: true }],
  ['time to live', { time_to_live: 601 }],
  ['priority', { priority: 'normal' }],
  ['value', { data: { ...REQUEST.data, a: '3' } }],
  ['key', { data: { b: '1', A: '2', 10: 'x', 9: 'y' } }],
  ['value that looks like another structure', { data: { b: '1","a":"2' } }],
  ['key called __proto__', { data: JSON.parse('{"__proto__":"x"}') }],
])('another %s is other content', (_name, change) => {
  expect(contentOf({ ...REQUEST, ...change })).not.toBe(contentOf(REQUEST));
});

test.each([
  ['1234567890123456789', '1234567890123456788'],
  ['1.10', '1.1'],
  ['1e999', '1e998'],
  ['-0', '0'],
  ['[1.0]', '[1]'],
])('the numbers %s and %s are other content', (a, b) => {
  const withNumber = (number: string) => contentOf(parseJson(`{"to":"T","message_id":"m","data":{"n":${number}}}`));
  expect(withNumber(a)).not.toBe(withNumber(b));
  expect(withNumber(a)).toBe(withNumber(a));
});

test('another sender is other content', () => {
  expect(contentOf(REQUEST, '2')).not.toBe(contentOf(REQUEST, '1'));
});

test('it does not change from one release to the next: fingerprints are stored', () => {
  expect(contentOf(REQUEST)).toBe(
    '["1",[["data",[["10","x"],["9","y"],["a","2"],["b","1"]]],["message_id","m"],["notification",[["badge","3"],["title","t"]]],["priority","high"],["time_to_live",600],["to","T"]]]',
  );
});
