/** Reads the fields of a configuration object, each by its own rule. Names every mistake and repeats no value. */
export interface Field<T> {
  /** `undefined` if the value is invalid. */
  readonly read: (value: unknown) => T | undefined;
  /** Completes "must be …". */
  readonly mustBe: string;
  readonly required?: true;
}

export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

export type ReadFields<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly mistakes: readonly string[] };

/** @param where how the mistakes name the object */
export function readObject<T extends object>(value: unknown, fields: Fields<T>, where: string): ReadFields<T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, mistakes: [`${where} must be an object`] };
  }
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(fields, name));
  const mistakes = unknown.map((name) => `${where} has an unknown field${shown(name)}`);
  const read: Record<string, unknown> = {};
  for (const [name, { read: readField, mustBe, required }] of Object.entries<Field<unknown>>(fields)) {
    if (!Object.hasOwn(value, name)) {
      if (required === true) mistakes.push(`${where}.${name} must be ${mustBe}`);
      continue;
    }
    const field = readField((value as Readonly<Record<string, unknown>>)[name]);
    if (field === undefined) mistakes.push(`${where}.${name} must be ${mustBe}`);
    else read[name] = field;
  }
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, value: read as T };
}

/** Shows a misspelt name, but not a secret pasted in its place. */
const shown = (name: string): string => (/^[a-z_]{1,16}$/i.test(name) ? ` "${name}"` : '');

/** A non-empty list. */
export const listOf =
  <T>(isItem: (value: unknown) => value is T) =>
  (value: unknown): readonly T[] | undefined =>
    Array.isArray(value) && value.length > 0 && value.every(isItem) ? value : undefined;
