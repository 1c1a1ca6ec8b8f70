import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { HashKeys } from './token-hash.ts';

/** Tells what the relay itself put into a topic from what anybody else did who may publish there (design.md §3). */
export interface Seal {
  /**
   * The attribute `mac`: HMAC-SHA-256 in base64url.
   * @throws Error without a key: a function that was not given TOKEN_HASH_KEY must not sign with nothing
   */
  sign(data: Uint8Array): string;
  /** Whether `mac` was made of this data with the current or the previous key. */
  holds(data: Uint8Array, mac: string | undefined): boolean;
}

/** Over the data bytes of an envelope: what the functions and a replay put into a lane. */
export const queueSeal = (keys: HashKeys): Seal => new HkdfSeal(keys, 'fcm-relay queue v2');

/**
 * Over what a dead letter says (adapters/pubsub): never a `mac` of the queue, or burying a forged message would sign
 * it.
 */
export const letterSeal = (keys: HashKeys): Seal => new HkdfSeal(keys, 'fcm-relay dead letter v2');

const KEY_BYTES = 32;

class HkdfSeal implements Seal {
  readonly #keys: readonly KeyObject[];

  constructor({ current, previous }: HashKeys, info: string) {
    this.#keys = [current, previous]
      .filter((key) => key !== undefined && key !== '')
      .map((key) => createSecretKey(Buffer.from(hkdfSync('sha256', key ?? '', '', info, KEY_BYTES))));
  }

  sign(data: Uint8Array): string {
    const [key] = this.#keys;
    if (key === undefined) throw new Error('there is no TOKEN_HASH_KEY to sign with');
    return macOf(key, data).toString('base64url');
  }

  holds(data: Uint8Array, mac: string | undefined): boolean {
    if (mac === undefined) return false;
    const given = Buffer.from(mac, 'base64url');
    return this.#keys.some((key) => {
      const made = macOf(key, data);
      return given.length === made.length && timingSafeEqual(given, made);
    });
  }
}

const macOf = (key: KeyObject, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();
