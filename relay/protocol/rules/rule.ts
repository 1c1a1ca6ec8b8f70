import type { z } from 'zod';
import type { Faults } from './faults.ts';
import { pathOf } from './faults.ts';
import type { FieldErrorCode } from './field-error.ts';
import { byValue, NumberText } from '../json/json.ts';

/**
 * How one field is read: its normalised value, or undefined after naming what is wrong with it.
 *
 * A table of rules is read field by field, and not as one zod object, for three reasons. zod skips the refinements of
 * an object as soon as one field is bad, and here all faults are named at once. It reports one issue per bad entry,
 * without a limit. And it passes over an own `__proto__`, which must be refused like any field that is not in the
 * table.
 */
export type Rule<T> = (value: unknown, path: string, faults: Faults) => T | undefined;

/** One rule for each field of T: a table of the protocol. */
export type Rules<T> = { readonly [K in keyof T]-?: Rule<Exclude<T[K], undefined>> };

// What zod says, in our words. Messages are the schema's own: they never contain the value.
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

/** The rule of a field whose value a zod schema describes. A number counts by its value here, however it is written. */
export const described =
  <T>(schema: z.ZodType<T>): Rule<T> =>
  (value, path, faults) => {
    const result = schema.safeParse(byValue(value));
    if (result.success) return result.data;
    for (const issue of result.error.issues) faults.add(path, CODE_OF_ISSUE[issue.code], issue.message);
    return undefined;
  };

/** What is too long is not read at all. */
export const shorterThan =
  (maxBytes: number, rule: Rule<string>): Rule<string> =>
  (value, path, faults) => {
    if (typeof value !== 'string' || Buffer.byteLength(value) <= maxBytes) return rule(value, path, faults);
    faults.add(path, 'TOO_LARGE', `must not be longer than ${maxBytes} bytes`);
    return undefined;
  };

/** Advice beside "unknown field", for the fields that people bring along from other FCM protocols. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ['registration_ids', 'a message has one recipient: send one message per token, each with its own `to`'],
]);

/**
 * Reads every field of `raw` by its rule. What is left out was refused, and named in `faults`. A field that is `null`
 * is absent: many serialisers write all that a class has. So is one that other protocols have, where it says nothing.
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
      faults.add(path, 'UNKNOWN_FIELD', HINTS.get(key) ?? 'there is no such field');
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

/** It is there, and not `null`. */
export const isPresent = (raw: Readonly<Record<string, unknown>>, field: string): boolean =>
  Object.hasOwn(raw, field) && raw[field] !== null;

/** A JSON object, not an array. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
