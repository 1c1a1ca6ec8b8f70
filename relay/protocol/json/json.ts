/**
 * JSON that keeps the text of its numbers. A number in a request often ends as a string (`data`) or is passed on as
 * JSON (upstream data), and 1234567890123456789, 1.10 and 1e999 must come out as they came in. A number that JavaScript
 * writes the same way is a number; any other is a `NumberText`. Every edge that takes JSON from outside parses it here.
 * Not `JSON.parse` with a reviver, although its `context.source` offers the same: a reviver recurses, so nesting
 * overflows the stack, and a single odd number would slow the whole text several times. Here a text without odd numbers
 * costs one scan on top of `JSON.parse`.
 */
export class NumberText {
  /** A JSON number, as written. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** For `JSON.stringify`: the number with its own digits (ECMAScript JSON.rawJSON). */
  toJSON(): unknown {
    return rawJson(this.text);
  }
}

const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** A JSON number by value, where its digits do not matter (`time_to_live`). Anything else unchanged. */
export const byValue = (value: unknown): unknown => (value instanceof NumberText ? Number(value.text) : value);

/** Throws like `JSON.parse`. The last of duplicate keys wins; `__proto__` is a key like any other. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return hasOddNumber(text) ? parseExactly(text) : value;
}

const changes = (number: string): boolean => String(Number(number)) !== number;

/** Candidates: a fraction, an exponent, `-0`, or more digits than a double holds. */
const SUSPECT = /\d[.eE]|-0|\d{16}/;
const NUMBER = /-?\d[\d.eE+-]*/g;

/** `text` is valid JSON. Looks only between its strings. */
function hasOddNumber(text: string): boolean {
  for (let at = 0; ;) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    if (end - at > 1) {
      const between = text.slice(at, end);
      if (SUSPECT.test(between) && (between.match(NUMBER) ?? []).some(changes)) return true;
    }
    if (quote < 0) return false;
    at = endOfString(text, quote);
  }
}

/** One past the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let from = start + 1; ;) {
    const quote = text.indexOf('"', from);
    let escapes = quote - 1;
    while (text.charCodeAt(escapes) === BACKSLASH) escapes -= 1;
    if ((quote - escapes) % 2 === 1) return quote + 1;
    from = quote + 1;
  }
}
const BACKSLASH = 0x5c;

type Open =
  | { readonly kind: 'array'; readonly items: unknown[] }
  | { readonly kind: 'object'; readonly members: [string, unknown][]; key: string | undefined };

const TOKEN = /[{}[\]"]|-?\d[\d.eE+-]*|true|false|null/g;

/** `text` is valid JSON, so nothing is checked. Without recursion, nesting costs no stack. */
function parseExactly(text: string): unknown {
  const around: Open[] = [];
  const scan = new RegExp(TOKEN); // a copy, for its own lastIndex
  let result: unknown;
  const put = (value: unknown): void => {
    const open = around.at(-1);
    if (open === undefined) result = value;
    else if (open.kind === 'array') open.items.push(value);
    else {
      open.members.push([open.key ?? '', value]);
      open.key = undefined;
    }
  };
  for (let found = scan.exec(text); found !== null; found = scan.exec(text)) {
    const [token] = found;
    const open = around.at(-1);
    if (token === '{') around.push({ kind: 'object', members: [], key: undefined });
    else if (token === '[') around.push({ kind: 'array', items: [] });
    else if (token === '}' || token === ']') put(closed(around.pop()));
    else if (token === '"') {
      const end = endOfString(text, found.index);
      const string = JSON.parse(text.slice(found.index, end)) as string;
      if (open?.kind === 'object' && open.key === undefined) open.key = string;
      else put(string);
      scan.lastIndex = end;
    } else put(scalarOf(token));
  }
  return result;
}

/** Entries, because assignments to `__proto__` do not create an own key. */
function closed(open: Open | undefined): unknown {
  return open?.kind === 'object' ? Object.fromEntries(open.members) : open?.items;
}

function scalarOf(token: string): unknown {
  switch (token) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'null':
      return null;
    default:
      return changes(token) ? new NumberText(token) : Number(token);
  }
}
