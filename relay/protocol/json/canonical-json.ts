import { NumberText } from './json.ts';

/**
 * Equal JSON gives equal text, whatever the order of its keys; other JSON gives other text. Input of digests.
 * Recursive: only for values that JSON.stringify can follow (ccs/decode.ts, `writable`).
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(ordered(value));

/**
 * An object becomes a list of its members behind a mark that tells it from an array: in an object, keys like `1` would
 * keep an order of their own.
 */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return ['[', ...value.map(ordered)];
  if (typeof value !== 'object' || value === null || value instanceof NumberText) return value ?? null;
  const members: [string, unknown][] = Object.entries(value);
  return ['{', ...members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, ordered(member)])];
}

/** The text of a list: a key of several parts, whatever characters they have. */
export const listText = (parts: readonly (string | null)[]): string => JSON.stringify(parts);
