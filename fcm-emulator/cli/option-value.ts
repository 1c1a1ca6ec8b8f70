/** Parsers of option values; each error states what was expected and what was given. */

/** The command line is wrong; the message says where. */
export class UsageError extends Error {}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const PORT: Bounds = { min: 0, max: 65_535 };
export const MILLISECONDS: Bounds = { min: 0, max: 86_400_000 }; // a day: more is likely a mistaken unit

const DIGITS = /^\d+$/;
const DECIMAL = /^\d+(?:\.\d+)?$/;

function within(flag: string, text: string, { min, max }: Bounds): number {
  const value = Number(text);
  if (value < min || value > max) throw new UsageError(`--${flag}: ${text} is not between ${min} and ${max}`);
  return value;
}

export function whole(flag: string, text: string, bounds: Bounds): number {
  if (!DIGITS.test(text)) throw new UsageError(`--${flag}: expected a whole number, not "${text}"`);
  return within(flag, text, bounds);
}

export function decimal(flag: string, text: string, bounds: Bounds): number {
  if (!DECIMAL.test(text)) throw new UsageError(`--${flag}: expected a number, not "${text}"`);
  return within(flag, text, bounds);
}

/** `N` or `MIN-MAX`, each number read by `parse`. */
export function range(flag: string, text: string, parse: (part: string) => number): Bounds {
  const [first = '', last = first, ...more] = text.split('-');
  if (more.length > 0) throw new UsageError(`--${flag}: expected MIN-MAX, not "${text}"`);
  const [min, max] = [parse(first), parse(last)];
  if (min > max) throw new UsageError(`--${flag}: expected MIN-MAX, but ${first} is above ${last}`);
  return { min, max };
}

export function oneOf<const T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new UsageError(`--${flag}: expected one of ${allowed.join(', ')}, not "${text}"`);
  return found;
}

export function nonEmpty(flag: string, text: string): string {
  if (text.trim() === '') throw new UsageError(`--${flag}: expected a value, not "${text}"`);
  return text;
}
