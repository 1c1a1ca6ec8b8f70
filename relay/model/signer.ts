import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { HashKeys } from './token-hash.ts';

/** Tells what the relay put into a topic from what any other publisher put there (design §3). */
export interface Signer {
  /**
   * The attribute `mac`: HMAC-SHA-256 in base64url.
   * @throws Error without a key: a function that was not given TOKEN_HASH_KEY must not sign
   */
  sign(data: Uint8Array): string;
  /** Whether `mac` was made from this data with the current or the previous key. */
  verify(data: Uint8Array, mac: string | undefined): boolean;
}

/** For the data bytes of a queue envelope: used by the functions and by a replay. */
export const queueSigner = (keys: HashKeys): Signer => hkdfSigner(keys, 'fcm-relay queue v2');

/** For dead letters (adapters/pubsub). Not the queue's key, or dead-lettering a forged message would sign it. */
export const deadLetterSigner = (keys: HashKeys): Signer => hkdfSigner(keys, 'fcm-relay dead letter v2');

const KEY_BYTES = 32;

function hkdfSigner({ current, previous }: HashKeys, info: string): Signer {
  const keys = [current, previous]
    .filter((key) => key !== undefined && key !== '')
    .map((key) => createSecretKey(Buffer.from(hkdfSync('sha256', key ?? '', '', info, KEY_BYTES))));
  return {
    sign: (data) => {
      const [key] = keys;
      if (key === undefined) throw new Error('cannot sign: TOKEN_HASH_KEY is not set');
      return macOf(key, data).toString('base64url');
    },
    verify: (data, mac) => {
      if (mac === undefined) return false;
      const given = Buffer.from(mac, 'base64url');
      return keys.some((key) => {
        const expected = macOf(key, data);
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
    },
  };
}

const macOf = (key: KeyObject, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();
