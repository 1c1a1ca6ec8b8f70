/** Just enough DER (X.690) to encode a certificate: node:crypto signs, but does not encode them. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
} as const;

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.of(bytes);
  const digits: number[] = [];
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.of(0x80 | digits.length, ...digits);
}

export const tagged = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.of(tag), length(content.length), content]);

export const sequence = (...parts: Buffer[]): Buffer => tagged(TAG.sequence, Buffer.concat(parts));
export const set = (...parts: Buffer[]): Buffer => tagged(TAG.set, Buffer.concat(parts));
export const utf8 = (text: string): Buffer => tagged(TAG.utf8, Buffer.from(text));
export const octetString = (content: Buffer): Buffer => tagged(TAG.octetString, content);
export const boolean = (value: boolean): Buffer => tagged(TAG.boolean, Buffer.of(value ? 0xff : 0));
/** `unused`: the number of unused bits at the end. */
export const bitString = (content: Buffer, unused = 0): Buffer =>
  tagged(TAG.bitString, Buffer.concat([Buffer.of(unused), content]));

/** An unsigned integer: a leading 1 bit needs a zero byte before it. */
export const integer = (value: Buffer): Buffer =>
  tagged(TAG.integer, (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), value]) : value);

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const septets = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift((left & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return tagged(TAG.oid, Buffer.from(bytes));
}

/** GeneralizedTime from 2050 on, UTCTime before (RFC 5280 §4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14) + 'Z';
  return date.getUTCFullYear() >= 2050 ? tagged(0x18, Buffer.from(digits)) : tagged(0x17, Buffer.from(digits.slice(2)));
}

export const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
