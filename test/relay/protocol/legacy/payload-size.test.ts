import { payloadBytes, payloadLimit, payloadText } from '../../../../relay/protocol/legacy/payload-size.ts';

test.each<[object, number]>([
  [{}, 0],
  [{ data: {}, notification: {} }, 0],
  [{ data: { a: 'b' } }, 2],
  [{ data: { é: '値' } }, 5],
  [{ data: { '😀': '\ud800' } }, 7], // a lone surrogate would be U+FFFD: 3 bytes
  [{ data: { a: '"' }, notification: { title: '\n' } }, 8], // as text, not as JSON
  [{ notification: { body: 'x'.repeat(96) } }, 100],
  [{ data: { a: 'x'.repeat(4_095), b: 'x' } }, 4_098], // past a part that just fits
])('%j has %d bytes', (message, bytes) => {
  expect(payloadBytes(message)).toBe(bytes);
});

test.each<[object, number]>([
  [{ to: 'T' }, 4096],
  [{ to: '/topics/a' }, 2048],
  [{ condition: "'a' in topics" }, 2048],
  [{ to: 'T', condition: 1 }, 2048],
  [{ to: 5 }, 4096],
])('to %j the limit is %d', (target, limit) => {
  expect(payloadLimit(target)).toBe(limit);
});

test('a value is sent as text: a string as it is, the rest as JSON, and what can never fit not at all', () => {
  expect(['x', '', 1, true, null, [1], ['x', null], { a: {} }].map(payloadText)).toEqual([
    'x',
    '',
    '1',
    'true',
    'null',
    '[1]',
    '["x",null]',
    '{"a":{}}',
  ]);
  expect(payloadText(Array.from({ length: 2_047 }, () => 0))).toHaveLength(4_095);
  expect(payloadText(Array.from({ length: 4_096 }, () => 0))).toBeUndefined();
  expect(payloadText(Array.from({ length: 1_000_000 }, () => 0))).toBeUndefined();
  expect(payloadText(Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => 0)))).toBeUndefined();
});
