import fc from 'fast-check';
import { byValue, NumberText, parseJson } from '../../../../relay/protocol/json/json.ts';
import { isObject } from '../../../../relay/protocol/rules/rule.ts';

/** Numbers of JSON that a JavaScript number would write otherwise. */
const ODD = [
  '-0',
  '0.0',
  '1.10',
  '1e2',
  '1E2',
  '1e+2',
  '1e999',
  '-1e999',
  '1e-999',
  '60.0',
  '1234567890123456789',
  '9007199254740993',
  '10000000000000000000001',
  '0.1000000000000000055511151231257827',
  '-1.50',
];
const number = fc.oneof(
  fc.constantFrom(...ODD),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
);

test.each(ODD)('%s keeps its text, wherever it stands', (text) => {
  expect(parseJson(text)).toEqual(new NumberText(text));
  for (const json of [`[${text}]`, `{"a":${text}}`, `[1,{"a":[{"b":${text}}]},"${text}"]`])
    expect(JSON.stringify(parseJson(json))).toBe(json);
});

test.each(['0', '1', '-1', '1.5', '0.1', '1e+21', '1e-7', '9007199254740991', '123456789012345680000'])(
  '%s is a number, which writes it in the same way',
  (text) => {
    expect(parseJson(text)).toBe(Number(text));
  },
);

test('white space, escapes and quotes around numbers change nothing', () => {
  expect(
    JSON.stringify(
      parseJson(
        String.raw` { "\\" : 1.0 , "\"2.0\\\"" : "\\\\" , "\u0061" : [ 1.10 , null , true , false , "" , { } , [ ] ] } `,
      ),
    ),
  ).toBe(String.raw`{"\\":1.0,"\"2.0\\\"":"\\\\","a":[1.10,null,true,false,"",{},[]]}`);
});

test('any JSON is what JSON.parse makes of it, but for such numbers', () => {
  const values = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      number,
      fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
      fc.constantFrom('true', 'false', 'null'),
      fc.array(tie('value')).map((items) => `[${items.join()}]`),
      fc
        .array(fc.tuple(fc.oneof(fc.constantFrom('__proto__', 'a', '1'), fc.string({ unit: 'binary' })), tie('value')))
        .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`),
    ),
  })).value;
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  fc.assert(
    fc.property(values, (text) => {
      expect(JSON.stringify(plain(parseJson(text)))).toBe(JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

test('of a key that comes twice the last value counts, with its own text', () => {
  expect(JSON.stringify(parseJson('{"a":1.10,"b":0,"a":2.20}'))).toBe('{"a":2.20,"b":0}');
  expect(JSON.stringify(parseJson('{"a":1.10,"a":"x"}'))).toBe('{"a":"x"}');
});

test('__proto__ is a key like any other', () => {
  const value = parseJson('{"__proto__":{"polluted":1.10}}');
  expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1.10}}');
  expect({}).not.toHaveProperty('polluted');
});

test('nesting costs no stack', () => {
  const deep = `${'['.repeat(1_000_000)}1.0${']'.repeat(1_000_000)}`;
  expect(() => parseJson(deep)).not.toThrow();
});

test.each(['', '{', '01', '1.', '.5', '+1', '[1.0,]', '{"a":1.10', 'NaN', '1.0 2'])('%j is not JSON', (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});

test('is no object, and has a value', () => {
  expect(isObject(new NumberText('1.0'))).toBe(false);
  expect([byValue(new NumberText('6e1')), byValue('6e1'), byValue(5)]).toEqual([60, '6e1', 5]);
});
