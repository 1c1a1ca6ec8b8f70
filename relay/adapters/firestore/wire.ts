/**
 * The parts of google.firestore.v1 the stores use. Built here, because the SDK's WriteBatch validates and serialises
 * every document generically, at twice the CPU a write (measured: 42 against 20 µs for a create, 26 against 14 µs for
 * an update).
 */
export type Value =
  | { readonly stringValue: string }
  | { readonly integerValue: number | string }
  | { readonly timestampValue: Timestamp }
  | { readonly mapValue: { readonly fields: Fields } };

export type Fields = Readonly<Record<string, Value>>;

export interface Timestamp {
  /** The SDK decodes 64-bit integers as strings. */
  readonly seconds: number | string;
  readonly nanos: number;
}

export interface Document {
  /** `projects/P/databases/D/documents/…` */
  readonly name: string;
  /** As stored: any Firestore value, also kinds we never write. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly createTime: Timestamp;
  readonly updateTime: Timestamp;
}

export interface Precondition {
  readonly exists?: boolean;
  readonly updateTime?: Timestamp;
}

export type Write =
  | {
      readonly update: { readonly name: string; readonly fields: Fields };
      readonly updateMask?: { readonly fieldPaths: readonly string[] };
      readonly currentDocument?: Precondition;
    }
  | { readonly delete: string; readonly currentDocument?: Precondition };

/** A lone surrogate has no UTF-8 form: one would make the server refuse the whole batch as unreadable. */
export const text = (value: string): Value => ({ stringValue: value.toWellFormed() });

export const integer = (value: number): Value => ({ integerValue: value });

export const timestamp = (ms: number): Value => {
  const seconds = Math.floor(ms / 1000);
  return { timestampValue: { seconds, nanos: Math.round((ms - seconds * 1000) * 1_000_000) } };
};

export const millisOf = ({ seconds, nanos }: Timestamp): number =>
  Number(seconds) * 1000 + Math.floor(nanos / 1_000_000);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Any document's value as plain data: strings, numbers, milliseconds for times, objects for maps; else `undefined`. */
export function plain(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  if (typeof value['stringValue'] === 'string') return value['stringValue'];
  if (value['integerValue'] !== undefined) return Number(value['integerValue']);
  if (typeof value['doubleValue'] === 'number') return value['doubleValue'];
  const time = value['timestampValue'];
  if (isObject(time)) return millisOf({ seconds: Number(time['seconds'] ?? 0), nanos: Number(time['nanos'] ?? 0) });
  const map = value['mapValue'];
  if (isObject(map)) return plainFields(map['fields']);
  return undefined;
}

export const plainFields = (fields: unknown): Readonly<Record<string, unknown>> =>
  isObject(fields) ? Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)])) : {};
