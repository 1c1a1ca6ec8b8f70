/** A mistake in a command line. `message` says what is wrong, one mistake a line. */
export class UsageError extends RangeError {
  readonly code = 'USAGE';
}

/** One option of a command, as data: usage.ts prints it, parse.ts reads it. */
export interface Option<T> {
  /** What stands for its value in the usage text; a flag has none. */
  readonly placeholder?: string;
  readonly help: string;
  /** Shown in the usage text. */
  readonly defaultText?: string;
  /** The heading it stands under in the usage text. */
  readonly group?: string;
  /**
   * @param text its value; `undefined` if it is not there; of a flag that is there, the empty text
   * @param name with its dashes, for messages
   * @throws UsageError
   */
  read(text: string | undefined, name: string): T;
}

interface Common {
  readonly group?: string;
  /** In place of the default's own text. */
  readonly defaultText?: string;
}

/** `--name` */
export const flag = (help: string, common: Common = {}): Option<boolean> => ({
  ...common,
  help,
  read: (text) => text !== undefined,
});

/** `--name VALUE`, any text. */
export const text = (placeholder: string, help: string, common: Common = {}): Option<string | undefined> => ({
  ...common,
  placeholder,
  help,
  read: (value) => value,
});

interface Range extends Common {
  readonly min: number;
  /** Absent: no limit. */
  readonly max?: number;
}

interface Decimal extends Range {
  readonly whole?: boolean;
}

/** `--name N`, a whole number. */
export function whole(placeholder: string, help: string, range: Range & { readonly default: number }): Option<number>;
export function whole(placeholder: string, help: string, range: Range): Option<number | undefined>;
export function whole(
  placeholder: string,
  help: string,
  range: Range & { readonly default?: number },
): Option<number | undefined> {
  return number(placeholder, help, { ...range, whole: true });
}

const NUMBER = /^\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** `--name N`, digits with an optional fraction and exponent: `1e9`. */
export function number(
  placeholder: string,
  help: string,
  range: Decimal & { readonly default: number },
): Option<number>;
export function number(
  placeholder: string,
  help: string,
  range: Decimal & { readonly default?: number },
): Option<number | undefined>;
export function number(
  placeholder: string,
  help: string,
  { min, max, default: fallback, whole: isWhole = false, ...common }: Decimal & { readonly default?: number },
): Option<number | undefined> {
  const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  return {
    ...(fallback !== undefined && { defaultText: String(fallback) }),
    ...common,
    placeholder,
    help,
    read: (value, name) => {
      if (value === undefined) return fallback;
      const read = NUMBER.test(value) ? Number(value) : NaN;
      if (read >= min && read <= (max ?? Infinity) && (!isWhole || Number.isSafeInteger(read))) return read;
      throw new UsageError(`${name} must be a ${isWhole ? 'whole ' : ''}number ${range}, not "${value}"`);
    },
  };
}

/** `--name VALUE` of a form of its own. @param parse returns `undefined` for what it does not understand */
export const parsed = <T>(
  placeholder: string,
  help: string,
  {
    parse,
    expected,
    ...common
  }: Common & { readonly parse: (value: string) => T | undefined; readonly expected: string },
): Option<T | undefined> => ({
  ...common,
  placeholder,
  help,
  read: (value, name) => {
    if (value === undefined) return undefined;
    const read = parse(value);
    if (read === undefined) throw new UsageError(`${name} must be ${expected}, not "${value}"`);
    return read;
  },
});
