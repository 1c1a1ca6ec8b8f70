import { createHash, timingSafeEqual } from 'node:crypto';
import { listOf, readObject, type Fields } from './fields.ts';
import { logText } from '../../model/log-text.ts';
import { GRANT, principal, type Grant, type Principal } from './principal.ts';

export interface ApiKey {
  readonly name: string;
  /**
   * SHA-256 of the key; several during a rotation. A key has the entropy of random bytes, so it needs no salt and no
   * stretching.
   */
  readonly sha256: readonly Buffer[];
  readonly principal: Principal;
  /** Milliseconds since 1970. */
  readonly notAfterMs?: number;
}

export type ApiKeys =
  | { readonly ok: true; readonly keys: readonly ApiKey[] }
  | { readonly ok: false; readonly mistakes: readonly string[] };

interface Entry extends Grant {
  readonly name: string;
  readonly sha256: readonly string[];
  readonly not_after?: number;
}

const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value);
const hashes = listOf(isHash);

const ENTRY: Fields<Entry> = {
  name: {
    read: (value) => (typeof value === 'string' && isName(value) ? value : undefined),
    mustBe: 'a string of 1 to 100 characters without control characters or surrounding white space',
    required: true,
  },
  sha256: {
    read: (value) => hashes(typeof value === 'string' ? [value] : value),
    mustBe: '64 hex digits, or a list of such hashes',
    required: true,
  },
  ...GRANT,
  not_after: {
    read: (value) => (typeof value === 'string' ? endMs(value) : undefined),
    mustBe: 'a date ("2027-01-31") or a time with a zone ("2027-01-31T12:00:00Z")',
  },
};

/** Appears in documents, event attributes and logs, and must survive all of them unchanged. */
const isName = (name: string): boolean =>
  name.length >= 1 && name.length <= 100 && name === name.trim() && logText(name) === name;

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

const DAY_LENGTH = '2027-01-31'.length;

/** `Date.parse` turns 30 February into 2 March. */
function isDay(day: string): boolean {
  const ms = Date.parse(day);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** A date without a time lasts to its end, in UTC. */
function endMs(text: string): number | undefined {
  const ms = DATE.test(text) && isDay(text.slice(0, DAY_LENGTH)) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) return undefined;
  return text.includes('T') ? ms : ms + DAY_MS - 1;
}

/**
 * RELAY_API_KEYS: JSON `[{"name": "…", "sha256": "<hex>", "can": ["send"], "senders": ["…"], "own": true, "not_after":
 * "2027-01-31"}]`. `sha256` may be a list; the last three fields are optional. Names every mistake by its place, never
 * by its value.
 */
export function parseApiKeys(text: string): ApiKeys {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return { ok: false, mistakes: ['RELAY_API_KEYS is not JSON'] };
  }
  if (!Array.isArray(list)) return { ok: false, mistakes: ['RELAY_API_KEYS is not an array'] };
  const entries = list.map((entry: unknown, at) => readObject(entry, ENTRY, placeOf(at)));
  const mistakes = [...entries.flatMap((entry) => (entry.ok ? [] : entry.mistakes)), ...repetitions(list)];
  if (mistakes.length > 0) return { ok: false, mistakes };
  return { ok: true, keys: entries.flatMap((entry) => (entry.ok ? [keyOf(entry.value)] : [])) };
}

const TO_ROTATE = 'to rotate a key, list both hashes in one entry\'s "sha256"';

const placeOf = (at: number): string => `RELAY_API_KEYS[${at}]`;

const keyOf = ({ name, sha256, not_after: notAfterMs, ...grant }: Entry): ApiKey => ({
  name,
  sha256: sha256.map((hash) => Buffer.from(hash, 'hex')),
  principal: principal(`key:${name}`, grant),
  ...(notAfterMs !== undefined && { notAfterMs }),
});

/** Two entries with one name would own each other's messages; with one hash, which entry applies would be chance. */
function repetitions(list: readonly unknown[]): readonly string[] {
  const [names, seen] = [new Map<string, number>(), new Map<string, number>()];
  const mistakes: string[] = [];
  const first = (firsts: Map<string, number>, value: string, at: number): number | undefined => {
    const before = firsts.get(value);
    if (before === undefined) firsts.set(value, at);
    return before;
  };
  list.forEach((entry: unknown, at) => {
    const { name, sha256 } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    const named = typeof name === 'string' ? first(names, name, at) : undefined;
    if (named !== undefined) mistakes.push(`${placeOf(at)}.name repeats the name of ${placeOf(named)}: ${TO_ROTATE}`);
    for (const hash of hashes(typeof sha256 === 'string' ? [sha256] : sha256) ?? []) {
      const held = first(seen, hash.toLowerCase(), at);
      if (held !== undefined) mistakes.push(`${placeOf(at)}.sha256 repeats a hash of ${placeOf(held)}`);
    }
  });
  return mistakes;
}

export type Presented = { readonly principal: Principal } | { readonly expired: ApiKey };

/** Constant time: checks every hash, at equal length. Only the holder of a key learns that it has expired. */
export function keyPrincipal(keys: readonly ApiKey[], presented: string, nowMs: number): Presented | undefined {
  const hash = createHash('sha256').update(presented).digest();
  const key = keys.filter(({ sha256 }) => sha256.filter((each) => timingSafeEqual(each, hash)).length > 0)[0];
  if (key === undefined) return undefined;
  return key.notAfterMs !== undefined && nowMs > key.notAfterMs ? { expired: key } : { principal: key.principal };
}
