/** Values of options: each says what it wants and what it got. */

/** The command line is wrong; the message says where. */
export class UsageError extends Error {}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const PORT: Bounds = { min: 0, max: 65_535 };
export const MILLISECONDS: Bounds = { min: 0, max: 86_400_000 }; // a day: longer is a slip of the unit

const DIGITS = /^\d+$/;
const DECIMAL = /^\d+(?:\.\d+)?$/;

function within(flag: string, text: string, { min, max }: Bounds): number {
  const value = Number(text);
  if (value < min || value > max) throw new UsageError(`--${flag}: ${text} is not between ${min} and ${max}`);
  return value;
}

export function whole(flag: string, text: string, bounds: Bounds): number {
  if (!DIGITS.test(text)) throw new UsageError(`--${flag}: a whole number is wanted, not "${text}"`);
  return within(flag, text, bounds);
}

export function decimal(flag: string, text: string, bounds: Bounds): number {
  if (!DECIMAL.test(text)) throw new UsageError(`--${flag}: a number is wanted, not "${text}"`);
  return within(flag, text, bounds);
}

/** `N` or `MIN-MAX`, each read by `one`. */
export function range(flag: string, text: string, one: (part: string) => number): Bounds {
  const [first = '', last = first, ...more] = text.split('-');
  if (more.length > 0) throw new UsageError(`--${flag}: MIN-MAX is wanted, not "${text}"`);
  const [min, max] = [one(first), one(last)];
  if (min > max) throw new UsageError(`--${flag}: ${first} is above ${last} in "${text}"; MIN-MAX is wanted`);
  return { min, max };
}

export function oneOf<const T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new UsageError(`--${flag}: one of ${allowed.join(', ')} is wanted, not "${text}"`);
  return found;
}

export function filled(flag: string, text: string): string {
  if (text.trim() === '') throw new UsageError(`--${flag}: a value is wanted, not "${text}"`);
  return text;
}
