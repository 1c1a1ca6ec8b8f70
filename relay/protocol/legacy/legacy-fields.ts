import { z } from 'zod';
import { parseCondition } from './condition.ts';
import { readData } from './data.ts';
import type { DownstreamMessage } from './message.ts';
import { MAX_TTL_SECONDS } from './message.ts';
import { isMessageId } from './message-id.ts';
import { readNotification } from './notification.ts';
import type { Rule, Rules } from '../rules/rule.ts';
import { described, shorterThan } from '../rules/rule.ts';
import { isTargetForm, TARGET_FORM } from './target.ts';

// Not documented. These limits make every valid request fit into a queue message (queued.ts).
const MAX_COLLAPSE_KEY_BYTES = 1024;
const MAX_CONDITION_BYTES = 4096;

const string = z.string('must be a string');
const boolean = described(z.boolean('must be true or false'));

const condition: Rule<string> = (value, path, faults) => {
  const text = described(string)(value, path, faults);
  if (text === undefined) return undefined;
  const parsed = parseCondition(text);
  if (parsed.ok) return text;
  faults.add(path, parsed.fault.code, parsed.fault.message);
  return undefined;
};

// Google's own samples send "600" (protocol §3). A digit string too long for a number is out of range rather than of
// the wrong type, and so is 1e999. 60.0 and 6e1 are 60: the value counts, not its digits.
const digitsToNumber = (value: unknown): unknown =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value)) ? clamped(Number(value)) : value;
const clamped = (seconds: number): number => Math.max(-1, Math.min(seconds, MAX_TTL_SECONDS + 1));
const WHOLE = 'must be a whole number of seconds';
const RANGE = `must be between 0 and ${MAX_TTL_SECONDS} seconds`;
const timeToLive = z
  .preprocess(digitsToNumber, z.number(WHOLE).min(0, RANGE).max(MAX_TTL_SECONDS, RANGE).refine(Number.isInteger, WHOLE))
  .transform((seconds) => seconds + 0); // turns -0 into 0

/** Protocol §3, table 1, plus `delivery_receipt_requested` of older documents. */
export const LEGACY_FIELDS: Rules<DownstreamMessage> = {
  to: described(string.refine(isTargetForm, TARGET_FORM)),
  condition: shorterThan(MAX_CONDITION_BYTES, condition),
  message_id: described(
    string.refine(isMessageId, 'must be 1 to 255 printable ASCII characters without "/", and not ".", ".." or "__…__"'),
  ),
  collapse_key: shorterThan(MAX_COLLAPSE_KEY_BYTES, described(string)),
  priority: described(z.enum(['high', 'normal'], 'must be "high" or "normal"')),
  content_available: boolean,
  mutable_content: boolean,
  time_to_live: described(timeToLive),
  dry_run: boolean,
  delivery_receipt_requested: boolean,
  data: readData,
  notification: readNotification,
};
