import type { z } from 'zod';
import type { Faults } from './faults.ts';
import { pathOf } from './faults.ts';
import type { FieldErrorCode } from './field-error.ts';
import { byValue, NumberText } from '../json/json.ts';

/**
 * Reads one field: returns its normalised value, or undefined after naming the fault.
 * A table of rules is read field by field, not as one zod object, for three reasons: zod skips an object's refinements
 * as soon as one field is invalid, and all faults are named at once here; it reports one issue per bad entry, without a
 * limit; and it ignores an own `__proto__`, which must be refused like any unknown field.
 */
export type Rule<T> = (value: unknown, path: string, faults: Faults) => T | undefined;

/** One rule for each field of T. */
export type Rules<T> = { readonly [K in keyof T]-?: Rule<Exclude<T[K], undefined>> };

// zod's issues as our codes. Messages come from the schemas: they never contain the value.
const CODE_OF_ISSUE: Readonly<Record<z.core.$ZodIssue['code'], FieldErrorCode>> = {
  invalid_type: 'WRONG_TYPE',
  // Stryker disable next-line StringLiteral: none of our schemas raises it; the table is total over zod's kinds
  invalid_union: 'WRONG_TYPE',
  invalid_value: 'NOT_ALLOWED',
  invalid_format: 'MALFORMED',
  // Stryker disable next-line StringLiteral: none of our schemas raises it; the table is total over zod's kinds
  not_multiple_of: 'MALFORMED',
  custom: 'MALFORMED',
  too_big: 'OUT_OF_RANGE',
  too_small: 'OUT_OF_RANGE',
  // Stryker disable StringLiteral: none of our schemas raises it; the table is total over zod's kinds
  unrecognized_keys: 'UNKNOWN_FIELD',
  invalid_key: 'MALFORMED',
  invalid_element: 'MALFORMED',
  // Stryker restore StringLiteral
};

/** A rule from a zod schema. Numbers count by value, however they are written. */
export const described =
  <T>(schema: z.ZodType<T>): Rule<T> =>
  (value, path, faults) => {
    const result = schema.safeParse(byValue(value));
    if (result.success) return result.data;
    for (const issue of result.error.issues) faults.add(path, CODE_OF_ISSUE[issue.code], issue.message);
    return undefined;
  };

/** A value over the limit is not read at all. */
export const shorterThan =
  (maxBytes: number, rule: Rule<string>): Rule<string> =>
  (value, path, faults) => {
    if (typeof value !== 'string' || Buffer.byteLength(value) <= maxBytes) return rule(value, path, faults);
    faults.add(path, 'TOO_LARGE', `must be at most ${maxBytes} bytes`);
    return undefined;
  };

/** For fields people bring along from other FCM protocols. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ['registration_ids', 'is not supported: send one message per token, each with its own `to`'],
]);

/**
 * Reads every field of `raw` by its rule; invalid ones are omitted and named in `faults`. A `null` field is absent:
 * many serialisers write every field of a class. The same goes for a `null` field of another protocol.
 */
export function readFields<T extends object>(
  raw: Readonly<Record<string, unknown>>,
  rules: Rules<T>,
  parent: string,
  faults: Faults,
): Partial<T> {
  const read: Partial<T> = {};
  for (const key of Object.keys(raw)) {
    if (raw[key] === null && (isFieldOf(rules, key) || HINTS.has(key))) continue;
    const path = pathOf(parent, key);
    if (!isFieldOf(rules, key)) {
      faults.add(path, 'UNKNOWN_FIELD', HINTS.get(key) ?? 'is not a known field');
      continue;
    }
    const field = rules[key](raw[key], path, faults);
    // Stryker disable next-line ConditionalExpression: an undefined field has added a fault, so nothing uses the result
    if (field !== undefined) read[key] = field;
  }
  return read;
}

const isFieldOf = <T extends object>(rules: Rules<T>, key: string): key is keyof T & string =>
  Object.hasOwn(rules, key);

/** Present, and not `null`. */
export const isPresent = (raw: Readonly<Record<string, unknown>>, field: string): boolean =>
  Object.hasOwn(raw, field) && raw[field] !== null;

/** A JSON object, not an array. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
