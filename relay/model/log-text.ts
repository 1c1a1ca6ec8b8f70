/** No string from outside may flood a log or control the terminal that shows it. */
const MAX_LENGTH = 2_000;

/** Control characters, line and paragraph separators, and directional formatting. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** A string made safe for a log line. A stack trace keeps its words, not its line breaks. */
export function logText(text: string): string {
  const clipped = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return clipped.toWellFormed().replace(STEERING, ' ');
}
