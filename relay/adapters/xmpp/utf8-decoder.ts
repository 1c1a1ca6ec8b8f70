import { isUtf8 } from 'node:buffer';
import { StreamViolation } from './stream-violation.ts';

const NOTHING = Buffer.alloc(0);

/**
 * Bytes to text across chunk boundaries. A character that is split between two chunks waits for the rest; what is not
 * UTF-8 is refused, never replaced.
 */
export class Utf8Decoder {
  #rest: Buffer = NOTHING;

  decode(chunk: Buffer): string {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const end = bytes.length - incompleteTail(bytes);
    const whole = end === bytes.length ? bytes : bytes.subarray(0, end);
    if (!isUtf8(whole)) throw new StreamViolation('bad-format', 'the bytes are not UTF-8');
    // a copy: three bytes must not keep a chunk alive
    this.#rest = end === bytes.length ? NOTHING : Buffer.from(bytes.subarray(end));
    return whole.toString('utf8');
  }
}

/** How many bytes at the end are the start of an unfinished character. */
function incompleteTail(bytes: Buffer): number {
  const furthest = Math.min(3, bytes.length);
  for (let back = 1; back <= furthest; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue; // a continuation byte: its lead is further back
    return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

/** RFC 3629 §3, by the lead byte. 1 for bytes that cannot lead: `isUtf8` refuses them. */
function sequenceLength(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0) return lead < 0xf0 ? 3 : 1;
  return lead >= 0xc2 ? 2 : 1;
}
