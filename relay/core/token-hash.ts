import { createHmac, createSecretKey } from 'node:crypto';

/** Text → hash: the same text always gives the same hash, and without the key no one can try texts against it. */
export type KeyedHash = (text: string) => string;

/**
 * HMAC-SHA256 in hex: what `printf %s TOKEN | openssl dgst -sha256 -hmac KEY` prints, so that whoever has the key can find
 * a token's documents by hand. `key` is TOKEN_HASH_KEY, the same for the functions and the worker.
 */
export function keyedHash(key: string): KeyedHash {
  const secret = createSecretKey(key, 'utf8');
  return (text) => createHmac('sha256', secret).update(text).digest('hex');
}
