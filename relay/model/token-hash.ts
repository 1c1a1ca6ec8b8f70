import { createHmac, createSecretKey } from 'node:crypto';

/** Text → hash: the same text always gives the same hash, and without the key no one can try texts against it. */
export type KeyedHash = (text: string) => string;

/** TOKEN_HASH_KEY, and during a rotation the other key that is accepted. */
export interface HashKeys {
  readonly current: string;
  readonly previous?: string | undefined;
}

/** What is written is hashed with `hash`; what was written before the key changed is found with `previousHash`. */
export interface Hashes {
  readonly hash: KeyedHash;
  readonly previousHash?: KeyedHash | undefined;
}

/**
 * HMAC-SHA256 in hex: what `printf %s TOKEN | openssl dgst -sha256 -hmac KEY` prints, so that whoever has the key can
 * find a token's documents by hand. `key` is TOKEN_HASH_KEY, the same for the functions and the worker.
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

/** TOKEN_HASH_KEY_PREVIOUS as it was given: a secret cannot be empty, so `none` says that there is no such key. */
export const previousKey = (given: string | undefined): string | undefined =>
  given === undefined || given === '' || given === 'none' ? undefined : given;

/**
 * Whether a hash that was made earlier is that of this text, under either key. Equal hashes need no second one to be
 * computed.
 */
export const isHashOf = ({ hash, previousHash }: Hashes, text: string, stored: string): boolean =>
  stored === hash(text) || (previousHash !== undefined && stored === previousHash(text));
