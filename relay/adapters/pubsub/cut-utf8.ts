/** The longest prefix of `value` within `maxBytes` of UTF-8, in whole characters; lone surrogates become U+FFFD. */
export function cutUtf8(value: string, maxBytes: number): string {
  const wellFormed = value.slice(0, maxBytes + 1).toWellFormed(); // a UTF-16 unit takes at least one byte
  const bytes = Buffer.from(wellFormed);
  if (bytes.length <= maxBytes && value.length <= maxBytes) return wellFormed;
  let end = Math.min(maxBytes, bytes.length);
  // never inside a character
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return bytes.toString('utf8', 0, end);
}
