import { parseJson } from '../../protocol/json/json.ts';

/**
 * JSON from a caller. `JSON.parse` decides what is valid, but its errors quote the text, which we never show or log,
 * and often lack a position. A refused text is scanned again to find the position (RFC 8259).
 */
export type JsonText =
  | { readonly ok: true; readonly value: unknown }
  /** Quotes nothing from the text. */
  | { readonly ok: false; readonly detail: string };

export function readJson(bytes: Uint8Array): JsonText {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); // drops a byte order mark
  } catch {
    return { ok: false, detail: 'not UTF-8' };
  }
  try {
    return { ok: true, value: parseJson(text) };
  } catch {
    return { ok: false, detail: describe(text, faultAt(text)) };
  }
}

function describe(text: string, at: number): string {
  if (text.trim() === '') return 'empty';
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', lineStart)) {
    line += 1;
    lineStart = end + 1;
  }
  const where = `line ${line}, column ${at - lineStart + 1} (position ${at})`;
  return at < text.length
    ? `not JSON: unexpected character at ${where}`
    : `not JSON: unexpected end of text at ${where}`;
}

type Expected = 'value' | 'valueOrEnd' | 'nameOrEnd' | 'name' | 'colon' | 'afterElement' | 'afterMember' | 'done';
type Token = '{' | '[' | '}' | ']' | ',' | ':' | 'string' | 'scalar';

/**
 * RFC 8259: the tokens allowed in each state, and the state each leads to. `leave` resolves to one of the `after…`
 * states, by the enclosing container.
 */
const GRAMMAR: Readonly<Record<Expected, Readonly<Partial<Record<Token, Expected | 'leave'>>>>> = {
  value: { '{': 'nameOrEnd', '[': 'valueOrEnd', string: 'leave', scalar: 'leave' },
  valueOrEnd: { '{': 'nameOrEnd', '[': 'valueOrEnd', string: 'leave', scalar: 'leave', ']': 'leave' },
  nameOrEnd: { string: 'colon', '}': 'leave' },
  name: { string: 'colon' },
  colon: { ':': 'value' },
  afterElement: { ',': 'value', ']': 'leave' },
  afterMember: { ',': 'name', '}': 'leave' },
  done: {},
};

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const UNESCAPED = /[^"\\\x00-\x1f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where a text stops being JSON; its length if it is truncated. Nesting costs memory, not stack. */
function faultAt(text: string): number {
  const around: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  for (let at = endOf(SPACE, text, 0); at < text.length; at = endOf(SPACE, text, at)) {
    const { token, end } = tokenAt(text, at);
    if (token === undefined) return end;
    const next: Expected | 'leave' | undefined = GRAMMAR[expected][token];
    if (next === undefined) return at;
    if (token === '{' || token === '[') around.push(token);
    if (token === '}' || token === ']') around.pop();
    expected = next === 'leave' ? after(around.at(-1)) : next;
    at = end;
  }
  return text.length;
}

function after(open: '{' | '[' | undefined): Expected {
  if (open === undefined) return 'done';
  return open === '[' ? 'afterElement' : 'afterMember';
}

/** Without a token, `end` is the position of the fault. */
function tokenAt(text: string, at: number): { readonly token?: Token; readonly end: number } {
  const character = text.charAt(at);
  switch (character) {
    case '{':
    case '[':
    case '}':
    case ']':
    case ',':
    case ':':
      return { token: character, end: at + 1 };
    case '"':
      return stringAt(text, at);
    default: {
      const end = endOf(SCALAR, text, at);
      return end === at ? { end } : { token: 'scalar', end };
    }
  }
}

function stringAt(text: string, start: number): { readonly token?: Token; readonly end: number } {
  for (let at = endOf(UNESCAPED, text, start + 1); ; at = endOf(UNESCAPED, text, at)) {
    if (text.charAt(at) === '"') return { token: 'string', end: at + 1 };
    const escaped = endOf(ESCAPE, text, at);
    if (escaped === at) return { end: at }; // a control character, a bad escape, or the end of the text
    at = escaped;
  }
}

/** Where the sticky `pattern` ends if it matches at `at`, else `at`. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
