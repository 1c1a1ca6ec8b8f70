import fc from 'fast-check';
import { readJson } from '../../../../relay/service/requests/read-json.ts';

const read = (text: string) => readJson(Buffer.from(text));
const detailOf = (text: string): string | undefined => {
  const json = read(text);
  return json.ok ? undefined : json.detail;
};
const positionOf = (text: string): number => Number(/\(position (\d+)\)/.exec(detailOf(text) ?? '')?.[1]);

test('JSON is read, with a byte order mark or without', () => {
  expect(read('{"a":[1,"é",null]}')).toEqual({ ok: true, value: { a: [1, 'é', null] } });
  expect(read('\uFEFF{}')).toEqual({ ok: true, value: {} });
});

test('bytes that are not UTF-8 are named so', () => {
  expect(readJson(Uint8Array.of(0x22, 0xff, 0x22))).toEqual({ ok: false, detail: 'not UTF-8' });
});

test.each(['', ' \n\t'])('nothing at all is named so: %j', (text) => {
  expect(detailOf(text)).toBe('empty');
});

test.each([
  ['a comma too many', '{"a":1,}', 7],
  ['a comma too many, in an array', '[1,]', 3],
  ['a comma and nothing before it', '{,}', 1],
  ['a leading zero', '{"a":01}', 6],
  ['a missing colon', '{"a" 1}', 5],
  ['a missing comma', '[1 2]', 3],
  ['a name without quotes', '{a:1}', 1],
  ['a name that is a number', '{"b":1, 1:2}', 8],
  ['single quotes', "{'a':1}", 1],
  ['a word that JSON lacks', '[undefined]', 1],
  ['a word cut short', '{"c":tru}', 5],
  ['half a number', '[1.]', 2],
  ['a minus alone', '-', 0],
  ['the wrong bracket', '{"a":[1}', 7],
  ['a bracket that was never opened', ']', 0],
  ['two documents', '{} {}', 3],
  ['more after a nested end', '[{"a":[]}],', 10],
  ['a line break in a string', '{"a":"x\ny"}', 7],
  ['an unknown escape', '["\\q"]', 2],
  ['an escape cut short', '["\\u12"]', 2],
  ['a comment', '{} // hi', 3],
  ['a comma after numbers of every kind', '[0,-1,10,1.25,1e5,1E+15,1.5e-15,]', 32],
  ['a comma after escapes of every kind', '["\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uABCD",]', 32],
  ['a comma after the second member', '{"a":1,"b":2,}', 13],
])('the place is that of %s', (_, text, position) => {
  expect(positionOf(text)).toBe(position);
  expect(detailOf(text)).toMatch(/^not JSON: unexpected character/);
});

test.each(['[1,2', '{"a":"b', '{"a"', '{"a":', '{', '[[]', '"abc\\n'])('a text that ends too early: %j', (text) => {
  expect(positionOf(text)).toBe(text.length);
  expect(detailOf(text)).toMatch(/unexpected end/);
});

test('the place has a line and a column', () => {
  expect(detailOf('{\n  "a": 1,\n  b: 2\n}')).toBe('not JSON: unexpected character at line 3, column 3 (position 14)');
  // the line break is the fault
  expect(detailOf('"x\ny"')).toBe('not JSON: unexpected character at line 1, column 3 (position 2)');
  expect(detailOf('\n[1,\n')).toBe('not JSON: unexpected end of text at line 3, column 1 (position 5)');
});

test('numbers keep their own text', () => {
  const text = '{"data":{"id":1234567890123456789,"price":1.10}}';
  const json = readJson(Buffer.from(text));
  expect(json.ok && JSON.stringify(json.value)).toBe(text);
});

test('the text itself is never quoted', () => {
  expect(detailOf('{"to":"SECRET-TOKEN" x}')).not.toMatch(/SECRET/);
});

test('whatever JSON is broken in one place is broken at that place or later, and never further than its end', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('', '}', '"', ',', '\u0001', '\\'), (text, where, put) => {
      const cut = where % (text.length + 1);
      const broken = text.slice(0, cut) + put + text.slice(cut + 1);
      const json = read(broken);
      let parses = true;
      try {
        JSON.parse(broken);
      } catch {
        parses = false;
      }
      expect(json.ok).toBe(parses);
      if (!json.ok && json.detail !== 'empty') {
        expect(positionOf(broken)).toBeLessThanOrEqual(broken.length);
        // What is before the fault can go on to be JSON: so breaking it there cannot move the place.
        expect(positionOf(`${broken.slice(0, positionOf(broken))}\u0001`)).toBe(positionOf(broken));
      }
    }),
  );
});

test('a megabyte of brackets costs memory, not the stack', () => {
  expect(positionOf('['.repeat(1_000_000))).toBe(1_000_000);
});
