/**
 * JSON in which the numbers below a member `data` keep their own text: they reach the device, or the app server, as
 * they were sent. 1234567890123456789, 1.10 and 1e999 would not survive being a JavaScript number. Everywhere else a
 * number counts by its value.
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
 * A number that may lose its form: a fraction, an exponent, `-0`, or more digits than a double holds. In a string it
 * costs only time.
 */
const SUSPECT = /[:[,]\s*(?:-0|-?\d+[.eE]|-?\d{16})/;

/** Throws as `JSON.parse` does. */
export function parseJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!SUSPECT.test(text)) return plain;
  try {
    const exact = parseWith(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined && String(value) !== source ? new NumberText(source) : value,
    );
    return withData(plain, exact);
  } catch {
    return plain; // nested deeper than a reviver can follow
  }
}

/** `plain`, with the `data` of `exact`; of a list, each of its items so. */
function withData(plain: unknown, exact: unknown): unknown {
  if (Array.isArray(plain) && Array.isArray(exact)) return plain.map((item, at) => withData(item, exact[at]));
  if (!isObject(plain) || !isObject(exact) || !isObject(exact['data'])) return plain;
  return { ...plain, data: exact['data'] };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
