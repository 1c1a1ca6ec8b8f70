import { createHmac, createSecretKey } from 'node:crypto';

/** Deterministic; without the key nobody can test texts against a hash. */
export type KeyedHash = (text: string) => string;

/** TOKEN_HASH_KEY, and during a rotation the other accepted key. */
export interface HashKeys {
  readonly current: string;
  readonly previous?: string | undefined;
}

/** Writes use `hash`; `previousHash` finds what was written before the key changed. */
export interface Hashes {
  readonly hash: KeyedHash;
  readonly previousHash?: KeyedHash | undefined;
}

/**
 * HMAC-SHA-256 in hex, the output of `printf %s TOKEN
 * openssl dgst -sha256 -hmac KEY`: with the key, a token's documents can be found by hand. `key` is TOKEN_HASH_KEY, the
 * same for functions and workers.
 */
export function keyedHash(key: string): KeyedHash {
  const secret = createSecretKey(key, 'utf8');
  return (text) => createHmac('sha256', secret).update(text).digest('hex');
}

export const hashesOf = ({ current, previous }: HashKeys): Hashes => ({
  hash: keyedHash(current),
  ...(previous !== undefined && { previousHash: keyedHash(previous) }),
});

export const MIN_HASH_KEY_LENGTH = 16;

/** TOKEN_HASH_KEY_PREVIOUS as given: a secret cannot be empty, so `none` means there is no such key. */
export const previousKey = (given: string | undefined): string | undefined =>
  given === undefined || given === '' || given === 'none' ? undefined : given;

/** Whether a stored hash is of this text, under either key. The second hash is computed only if the first differs. */
export const isHashOf = ({ hash, previousHash }: Hashes, text: string, stored: string): boolean =>
  stored === hash(text) || (previousHash !== undefined && stored === previousHash(text));
