/**
 * `condition` (protocol §3, table 1): `'A' in topics`, `&&`, `||`, parentheses, at most 2 operators. Parentheses first,
 * then from left to right, as Firebase's guide says of topic conditions. The value is case-insensitive (source table
 * 1).
 */
export type Condition =
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition };

export class ConditionError extends Error {}

const MAX_OPERATORS = 2;
const MAX_TOKENS = 64; // no condition of 2 operators needs more, and it bounds the recursion
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

class Reader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(all: Token[]) {
    this.#tokens = all;
  }

  expression(): Condition {
    let left = this.#operand();
    for (let next = this.#peek(); next === '&&' || next === '||'; next = this.#peek()) {
      this.#at += 1;
      left = { kind: next === '&&' ? 'and' : 'or', left, right: this.#operand() };
    }
    return left;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new ConditionError('text after the end');
  }

  #operand(): Condition {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token?.kind === 'name') {
      this.#expect('in');
      this.#expect('topics');
      return { kind: 'topic', topic: token.topic };
    }
    if (token?.kind !== '(') throw new ConditionError('a topic or ( expected');
    const inner = this.expression();
    this.#expect(')');
    return inner;
  }

  #expect(kind: Token['kind']): void {
    if (this.#peek() !== kind) throw new ConditionError(`${kind} expected`);
    this.#at += 1;
  }

  #peek(): Token['kind'] | undefined {
    return this.#tokens[this.#at]?.kind;
  }
}

export function parseCondition(text: string): Condition {
  const all = tokens(text);
  if (all.filter(({ kind }) => kind === '&&' || kind === '||').length > MAX_OPERATORS)
    throw new ConditionError('more than 2 operators');
  const reader = new Reader(all);
  const condition = reader.expression();
  reader.end();
  return condition;
}

/** Does a device with these topics (lower case) meet the condition? */
export function holds(condition: Condition, topics: ReadonlySet<string>): boolean {
  switch (condition.kind) {
    case 'topic':
      return topics.has(condition.topic);
    case 'and':
      return holds(condition.left, topics) && holds(condition.right, topics);
    case 'or':
      return holds(condition.left, topics) || holds(condition.right, topics);
  }
}
