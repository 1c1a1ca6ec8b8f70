/** No string from outside may fill a log, or steer the terminal that shows it. */
const MAX_LENGTH = 2_000;

/** Control characters, line and paragraph separators, and what turns the direction of writing. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** A string as a log line may hold it. A stack keeps its words, not its lines. */
export function logText(text: string): string {
  const clipped = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return clipped.toWellFormed().replace(STEERING, ' ');
}
