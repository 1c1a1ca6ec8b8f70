/**
 * JSON in which the numbers below a member `data` keep their source text: 1234567890123456789, 1.10 and 1e999 would not
 * survive as JavaScript numbers, but must reach the device, or the app server, as they were sent. Everywhere else only
 * a number's value counts.
 */
class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return rawJson(this.text);
  }
}

const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown;

/**
 * A number whose text may not survive: a fraction, an exponent, `-0`, or more digits than a double holds. A match
 * inside a string only costs time.
 */
const LOSSY_NUMBER = /[:[,]\s*(?:-0|-?\d+[.eE]|-?\d{16})/;

/** Throws like `JSON.parse`. */
export function parseJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!LOSSY_NUMBER.test(text)) return plain;
  try {
    const exact = parseWith(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined && String(value) !== source ? new NumberText(source) : value,
    );
    return withData(plain, exact);
  } catch {
    return plain; // nested too deep for a reviver
  }
}

/** `plain` with the `data` of `exact`; a list is treated item by item. */
function withData(plain: unknown, exact: unknown): unknown {
  if (Array.isArray(plain) && Array.isArray(exact)) return plain.map((item, at) => withData(item, exact[at]));
  if (!isObject(plain) || !isObject(exact) || !isObject(exact['data'])) return plain;
  return { ...plain, data: exact['data'] };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
