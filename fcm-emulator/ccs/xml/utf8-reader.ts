import { isUtf8 } from 'node:buffer';

const LONGEST_SEQUENCE = 4;
const NOTHING = Buffer.alloc(0);

/** How many bytes at the end belong to an incomplete character. */
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

/** The text before the first malformed byte. A U+FFFD that was really sent is EF BF BD in the bytes. */
function validPrefix(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf('\uFFFD'); at >= 0; at = text.indexOf('\uFFFD', at + 1)) {
    offset += Buffer.byteLength(text.slice(from, at));
    from = at;
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return text.slice(0, at);
  }
  return text;
}

export interface Decoded {
  readonly text: string;
  /** What follows the text is not UTF-8, the only encoding of XMPP (RFC 6120 §11.6). */
  readonly malformed: boolean;
}

/**
 * Decodes chunks that may end inside a character. Stricter than StringDecoder, which hides malformed bytes, and faster
 * than TextDecoder.
 */
export function utf8Reader(): (chunk: Buffer) => Decoded {
  let held: Buffer = NOTHING;
  return (chunk) => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const tail = incompleteTail(bytes);
    const whole = tail === 0 ? bytes : bytes.subarray(0, bytes.length - tail);
    held = tail === 0 ? NOTHING : Buffer.from(bytes.subarray(bytes.length - tail));
    return isUtf8(whole)
      ? { text: whole.toString('utf8'), malformed: false }
      : { text: validPrefix(whole), malformed: true };
  };
}
