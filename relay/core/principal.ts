import { createHash, timingSafeEqual } from 'node:crypto';

/** Who asks, and what it may do. */
export interface Principal {
  /** The uid or the API key's name: the owner of what it hands in. */
  readonly name: string;
  readonly rights: ReadonlySet<Right>;
}

export const RIGHTS = ['send', 'read'] as const;
export type Right = (typeof RIGHTS)[number];

/** Whoever may send may also ask what became of it. */
const IMPLIED: Readonly<Record<Right, readonly Right[]>> = { send: ['send', 'read'], read: ['read'] };

const isRight = (value: unknown): value is Right => RIGHTS.some((right) => right === value);

/** A signed-in user, by the claim `relay` of its ID token; without it, a user has no right here. */
export const userPrincipal = (uid: string, claim: unknown): Principal => ({
  name: uid,
  rights: new Set(isRight(claim) ? IMPLIED[claim] : []),
});

export interface ApiKey extends Principal {
  /** SHA-256 of the key. A key has the entropy of random bytes, so it needs neither salt nor stretching. */
  readonly sha256: Buffer;
}

export type ApiKeys = { readonly ok: true; readonly keys: readonly ApiKey[] } | { readonly ok: false; readonly mistakes: readonly string[] };

/** RELAY_API_KEYS: JSON `[{"name":"…","sha256":"<hex>","can":["send","read"]}]`. Every mistake in it, by place, without its values. */
export function parseApiKeys(text: string): ApiKeys {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return { ok: false, mistakes: ['RELAY_API_KEYS is not JSON'] };
  }
  if (!Array.isArray(list)) return { ok: false, mistakes: ['RELAY_API_KEYS is not an array'] };
  const entries = list.map((entry: unknown, at) => parseEntry(entry, `RELAY_API_KEYS[${at}]`));
  const mistakes = entries.flatMap((entry) => ('mistakes' in entry ? entry.mistakes : []));
  const keys = entries.flatMap((entry) => ('key' in entry ? [entry.key] : []));
  const names = keys.map(({ name }) => name);
  if (new Set(names).size < names.length) mistakes.push('RELAY_API_KEYS has a name twice');
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, keys };
}

function parseEntry(entry: unknown, where: string): { readonly key: ApiKey } | { readonly mistakes: readonly string[] } {
  if (typeof entry !== 'object' || entry === null) return { mistakes: [`${where} is not an object`] };
  const { name, sha256, can } = entry as Readonly<Record<string, unknown>>;
  const isNamed = typeof name === 'string' && name !== '';
  const isHashed = typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256);
  const isAllowed = Array.isArray(can) && can.length > 0 && can.every(isRight);
  if (isNamed && isHashed && isAllowed) {
    return { key: { name, sha256: Buffer.from(sha256, 'hex'), rights: new Set(can.flatMap((right) => IMPLIED[right])) } };
  }
  const mistakes = [
    isNamed ? '' : `${where}.name is not a text`,
    isHashed ? '' : `${where}.sha256 is not 64 hex digits`,
    isAllowed ? '' : `${where}.can is not a list of "send" and "read"`,
  ];
  return { mistakes: mistakes.filter((mistake) => mistake !== '') };
}

/** In constant time: every key is looked at, and hashes of equal length are compared. */
export function keyPrincipal(keys: readonly ApiKey[], presented: string): Principal | undefined {
  const sha256 = createHash('sha256').update(presented).digest();
  return keys.filter((key) => timingSafeEqual(key.sha256, sha256))[0];
}
