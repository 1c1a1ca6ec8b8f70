import { isUtf8 } from 'node:buffer';

/** The bytes were not UTF-8, the only encoding of XMPP (RFC 6120 §11.6). */
export class EncodingError extends Error {
  readonly code = 'unsupported-encoding';
}

const LONGEST_SEQUENCE = 4;
const NOTHING = Buffer.alloc(0);

/** How many bytes at the end belong to a character that is not complete yet. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back < LONGEST_SEQUENCE && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** Bytes to text across chunk borders; stricter than StringDecoder (which hides broken bytes) and faster than TextDecoder. */
export class Utf8Reader {
  #held: Buffer = NOTHING;

  read(chunk: Buffer): string {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const tail = incompleteTail(bytes);
    const whole = tail === 0 ? bytes : bytes.subarray(0, bytes.length - tail);
    this.#held = tail === 0 ? NOTHING : Buffer.from(bytes.subarray(bytes.length - tail));
    if (!isUtf8(whole)) throw new EncodingError('not UTF-8');
    return whole.toString('utf8');
  }
}
