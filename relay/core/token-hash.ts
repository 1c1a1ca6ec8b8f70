import { createHmac } from 'node:crypto';

/** Text → hash: the same text always gives the same hash, and without the key no one can try texts against it. */
export type KeyedHash = (text: string) => string;

/**
 * HMAC-SHA256 in hex: what `printf %s TOKEN | openssl dgst -sha256 -hmac KEY` prints, so that whoever has the key can find
 * a token's documents by hand. `key` is TOKEN_HASH_KEY, the same for the functions and the worker.
 */
export const keyedHash = (key: string): KeyedHash => (text) => createHmac('sha256', key).update(text).digest('hex');
