/**
 * `condition` (protocol §3, table 1): `'A' in topics`, `&&`, `||`, parentheses, at most 2 operators. Parentheses first,
 * then left to right, as Firebase's guide to topic conditions says. Case-insensitive (source table 1).
 */
export type Condition =
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition };

export class ConditionError extends Error {}

const MAX_OPERATORS = 2;
const MAX_TOKENS = 64; // enough for any condition of 2 operators; bounds the recursion
const TOKEN = /\s*(?:'([A-Za-z0-9\-_.~%]+)'|(in\b)|(topics\b)|(&&)|(\|\|)|([()]))/iy;

type Token =
  { readonly kind: 'name'; readonly topic: string } | { readonly kind: 'in' | 'topics' | '&&' | '||' | '(' | ')' };

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const source = text.trimEnd();
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < source.length;) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw new ConditionError(`unexpected text at ${at}`);
    if (match[1] !== undefined) found.push({ kind: 'name', topic: match[1].toLowerCase() });
    else found.push({ kind: match[0].trim().toLowerCase() as '&&' });
    if (found.length > MAX_TOKENS) throw new ConditionError('too long');
  }
  return found;
}

/** Recursive descent over the tokens; throws `ConditionError` where they form no condition. */
function parseTokens(all: readonly Token[]): Condition {
  let at = 0;
  const peek = (): Token['kind'] | undefined => all[at]?.kind;
  const expect = (kind: Token['kind']): void => {
    if (peek() !== kind) throw new ConditionError(`${kind} expected`);
    at += 1;
  };
  const operand = (): Condition => {
    const token = all[at];
    at += 1;
    if (token?.kind === 'name') {
      expect('in');
      expect('topics');
      return { kind: 'topic', topic: token.topic };
    }
    if (token?.kind !== '(') throw new ConditionError('a topic or ( expected');
    const inner = expression();
    expect(')');
    return inner;
  };
  const expression = (): Condition => {
    let left = operand();
    for (let next = peek(); next === '&&' || next === '||'; next = peek()) {
      at += 1;
      left = { kind: next === '&&' ? 'and' : 'or', left, right: operand() };
    }
    return left;
  };
  const condition = expression();
  if (at < all.length) throw new ConditionError('text after the end');
  return condition;
}

export function parseCondition(text: string): Condition {
  const all = tokens(text);
  if (all.filter(({ kind }) => kind === '&&' || kind === '||').length > MAX_OPERATORS)
    throw new ConditionError('more than 2 operators');
  return parseTokens(all);
}

/** Whether a device with these topics (in lower case) meets the condition. */
export function isMet(condition: Condition, topics: ReadonlySet<string>): boolean {
  switch (condition.kind) {
    case 'topic':
      return topics.has(condition.topic);
    case 'and':
      return isMet(condition.left, topics) && isMet(condition.right, topics);
    case 'or':
      return isMet(condition.left, topics) || isMet(condition.right, topics);
  }
}
