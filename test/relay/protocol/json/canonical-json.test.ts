import { canonicalJson } from '../../../../relay/protocol/json/canonical-json.ts';
import { parseJson } from '../../../../relay/protocol/json/json.ts';

const canonical = (text: string): string => canonicalJson(parseJson(text));

// Event ids are digests of these texts: another text would be another id after an upgrade.
test.each([
  ['{"b":1,"a":[true,null]}', '["{",["a",["[",true,null]],["b",1]]'],
  ['{"10":1,"9":{}}', '["{",["10",1],["9",["{"]]]'],
  ['[1.10,"1"]', '["[",1.10,"1"]'],
  ['null', 'null'],
])('%s is %s', (text, expected) => {
  expect(canonical(text)).toBe(expected);
});

test('the order of keys does not matter; the order and content of arrays does', () => {
  expect(canonical('{"a":1,"b":{"c":2,"d":3}}')).toBe(canonical('{"b":{"d":3,"c":2},"a":1}'));
  const texts = ['[1,2]', '[2,1]', '[1]', '[]', '{}', '[["a",1]]', '{"a":1}', '["{",["a",1]]'].map(canonical);
  expect(new Set(texts).size).toBe(texts.length);
});
