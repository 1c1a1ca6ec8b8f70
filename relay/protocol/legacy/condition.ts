import type { FieldErrorCode } from '../rules/field-error.ts';
import { TOPIC_NAME } from './target.ts';

/**
 * The conditions of protocol §3:
 *
 *     expression = operand { ( "&&" | "||" ) operand }
 *     operand    = "'" topic name "'" "in" "topics" | "(" expression ")"
 *
 * The words `in` and `topics` in any case (table 1: the value is not case-sensitive); at most 2 operators. FCM
 * evaluates parentheses first and then from left to right (firebase.google.com/docs/cloud-messaging/send-message,
 * topics), so both operators bind alike. The documents name no negation: `!` is refused.
 */
export type Condition =
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: Operator; readonly left: Condition; readonly right: Condition };

type Operator = 'and' | 'or';

export interface ConditionFault {
  readonly code: Extract<FieldErrorCode, 'CONDITION_SYNTAX' | 'CONDITION_TOO_COMPLEX'>;
  /** Characters before the fault. */
  readonly position: number;
  /** The position and what was expected; never what is there. */
  readonly message: string;
}

export type ParsedCondition =
  { readonly ok: true; readonly condition: Condition } | { readonly ok: false; readonly fault: ConditionFault };

export const MAX_OPERATORS = 2;
/** Two operators need one pair of parentheses, and each pair costs the parser a stack frame. */
export const MAX_NESTING = 50;

export function parseCondition(text: string): ParsedCondition {
  const parser = new Parser(text);
  const condition = parser.expression(0, 'the end');
  return condition === undefined ? { ok: false, fault: parser.fault } : { ok: true, condition };
}

// The lexer: sticky expressions, each including the white space after its token.
const BLANK = /\s*/y;
const OPEN = /\(\s*/y;
const CLOSE = /\)\s*/y;
const AND = /&&\s*/y;
const OR = /\|\|\s*/y;
const QUOTED = /'([^']*)'\s*/y;
const IN_TOPICS = /in\s+topics(?!\w)\s*/iy;

/** Recursive descent. A method that meets a fault records it and returns undefined all the way up. */
class Parser {
  readonly #text: string;
  #position = 0;
  #operators = 0;
  fault: ConditionFault = { code: 'CONDITION_SYNTAX', position: 0, message: '' };

  constructor(text: string) {
    this.#text = text;
    this.#take(BLANK);
  }

  expression(nesting: number, end: ')' | 'the end'): Condition | undefined {
    let left = this.#operand(nesting);
    while (left !== undefined) {
      const start = this.#position;
      const operator = this.#operator();
      if (operator === undefined) return this.#ends(end) ? left : this.#expected(`&&, || or ${end}`);
      this.#operators += 1;
      if (this.#operators > MAX_OPERATORS) return this.#tooComplex(start, `more than ${MAX_OPERATORS} operators`);
      const right = this.#operand(nesting);
      left = right && { kind: operator, left, right };
    }
    return undefined;
  }

  #operand(nesting: number): Condition | undefined {
    const start = this.#position;
    if (this.#take(OPEN)) {
      if (nesting === MAX_NESTING) return this.#tooComplex(start, `parentheses nested more than ${MAX_NESTING} deep`);
      return this.expression(nesting + 1, ')');
    }
    const topic = this.#take(QUOTED)?.[1];
    if (topic === undefined) return this.#expected("'TOPIC' in topics, or (");
    if (!TOPIC_NAME.test(topic)) return this.#expected('a topic name of 1 to 900 of a-z A-Z 0-9 - _ . ~ %', start + 1);
    return this.#take(IN_TOPICS) ? { kind: 'topic', topic } : this.#expected('in topics');
  }

  #operator(): Operator | undefined {
    if (this.#take(AND)) return 'and';
    return this.#take(OR) ? 'or' : undefined;
  }

  #ends(end: ')' | 'the end'): boolean {
    return end === ')' ? this.#take(CLOSE) !== undefined : this.#position === this.#text.length;
  }

  #take(token: RegExp): RegExpExecArray | undefined {
    token.lastIndex = this.#position;
    const found = token.exec(this.#text);
    if (found === null) return undefined;
    this.#position = token.lastIndex;
    return found;
  }

  #expected(what: string, position = this.#position): Condition | undefined {
    this.fault = { code: 'CONDITION_SYNTAX', position, message: `at position ${position}: expected ${what}` };
    return undefined;
  }

  #tooComplex(position: number, what: string): Condition | undefined {
    this.fault = { code: 'CONDITION_TOO_COMPLEX', position, message: `at position ${position}: ${what}` };
    return undefined;
  }
}
