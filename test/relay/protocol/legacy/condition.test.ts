import fc from 'fast-check';
import type { Condition } from '../../../../relay/protocol/legacy/condition.ts';
import { MAX_NESTING, parseCondition } from '../../../../relay/protocol/legacy/condition.ts';

const topic = (name: string): Condition => ({ kind: 'topic', topic: name });
const and = (left: Condition, right: Condition): Condition => ({ kind: 'and', left, right });
const or = (left: Condition, right: Condition): Condition => ({ kind: 'or', left, right });
const [a, b, c] = [topic('a'), topic('b'), topic('c')];

describe('what it means', () => {
  test.each<[string, Condition]>([
    ["'a' in topics", a],
    ["'a' in topics && 'b' in topics", and(a, b)],
    ["'a' in topics && ('b' in topics || 'c' in topics)", and(a, or(b, c))],
    ["('a' in topics && 'b' in topics) || 'c' in topics", or(and(a, b), c)],
    ["'a' in topics || 'b' in topics && 'c' in topics", and(or(a, b), c)], // from left to right: && binds no tighter
    ["'a' in topics && 'b' in topics || 'c' in topics", or(and(a, b), c)],
    ["('a' in topics || ('b' in topics || 'c' in topics))", or(a, or(b, c))],
    ["'a'\tIN\r\nTopics||'b'in TOPICS", or(a, b)],
    ["'A-Z_0.~%' in topics", topic('A-Z_0.~%')],
    ["'in' in topics", topic('in')],
  ])('%s', (text, condition) => {
    expect(parseCondition(text)).toEqual({ ok: true, condition });
  });
});

describe('where it fails, and what was wanted', () => {
  const OPERAND = "'TOPIC' in topics, or (";
  const OPERATOR = '&&, || or the end';
  test.each([
    ['', 0, OPERAND],
    ['   ', 3, OPERAND],
    ['news', 0, OPERAND],
    ["  !'a' in topics", 2, OPERAND],
    ["'a", 0, OPERAND],
    ["'a' in topics &&", 16, OPERAND],
    ["'a' in topics && || 'b' in topics", 17, OPERAND],
    ['()', 1, OPERAND],
    ["'a'", 3, 'in topics'],
    ["'a' in topicsx", 4, 'in topics'],
    ["'a' intopics", 4, 'in topics'],
    ["'a' in topics 'b' in topics", 14, OPERATOR],
    ["'a' in topics and 'b' in topics", 14, OPERATOR],
    ["'a' in topics & 'b' in topics", 14, OPERATOR],
    ["'a' in topics)", 13, OPERATOR],
    ["('a' in topics", 14, '&&, || or )'],
    ["('a' in topics || 'b' in topics && 'c'", 38, 'in topics'],
  ])('%j at %d', (text, position, wanted) => {
    const fault = { code: 'CONDITION_SYNTAX', position, message: `at position ${position}: expected ${wanted}` };
    expect(parseCondition(text)).toEqual({ ok: false, fault });
  });

  test.each([["'' in topics"], ["'a b' in topics"], ["'/topics/a' in topics"], [`'${'a'.repeat(901)}' in topics`]])(
    '%s has no topic',
    (text) => {
      expect(parseCondition(text)).toMatchObject({ ok: false, fault: { code: 'CONDITION_SYNTAX', position: 1 } });
    },
  );

  test('a third operator is one too many', () => {
    const fault = { code: 'CONDITION_TOO_COMPLEX', position: 43, message: 'at position 43: more than 2 operators' };
    expect(parseCondition("'a' in topics&&'b' in topics||'c' in topics&&'d' in topics")).toEqual({ ok: false, fault });
  });

  test('so are parentheses without end', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}'a' in topics${')'.repeat(depth)}`;
    expect(parseCondition(nested(MAX_NESTING)).ok).toBe(true);
    expect(parseCondition(nested(MAX_NESTING + 1))).toMatchObject({
      fault: { code: 'CONDITION_TOO_COMPLEX', position: MAX_NESTING },
    });
    expect(parseCondition('('.repeat(1_000_000))).toMatchObject({ fault: { code: 'CONDITION_TOO_COMPLEX' } });
  });
});

describe('properties', () => {
  const blank = fc.stringMatching(/^[ \t\n]{0,3}$/);
  const name = fc.stringMatching(/^[a-zA-Z0-9\-_.~%]{1,20}$/).map(topic);
  const operator = fc.constantFrom('and' as const, 'or' as const);
  const pair = (left: fc.Arbitrary<Condition>, right: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> =>
    fc.record({ kind: operator, left, right });
  const condition = fc.oneof(name, pair(name, name), pair(pair(name, name), name), pair(name, pair(name, name)));

  /** Every operand in parentheses that need them, and some that do not; blanks from a list that is used in turn. */
  function print(node: Condition, blanks: readonly string[], depth = 0): string {
    const gap = blanks[depth % blanks.length] ?? '';
    if (node.kind === 'topic') return `${gap}'${node.topic}'${gap}in ${gap}topics${gap}`;
    const right = print(node.right, blanks, depth + 1);
    return `${print(node.left, blanks, depth + 1)}${node.kind === 'and' ? '&&' : '||'}${gap}${node.right.kind === 'topic' ? right : `(${right})`}${gap}`;
  }

  test('every condition that can be printed is read as itself', () => {
    fc.assert(
      fc.property(condition, fc.array(blank, { minLength: 1, maxLength: 3 }), (node, blanks) => {
        expect(parseCondition(print(node, blanks))).toEqual({ ok: true, condition: node });
        expect(parseCondition(`((${print(node, blanks)}))`)).toEqual({ ok: true, condition: node });
      }),
      { numRuns: 300 },
    );
  });

  test('no text makes it throw, and a fault lies within the text', () => {
    const pieces = fc
      .array(fc.constantFrom("'a'", 'in', 'topics', ' ', '&&', '||', '(', ')', '!', "'", 'é'), { maxLength: 20 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' })), (text) => {
        const parsed = parseCondition(text);
        if (parsed.ok) return;
        expect(parsed.fault.position).toBeGreaterThanOrEqual(0);
        expect(parsed.fault.position).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 1_000 },
    );
  });
});
