import { z } from 'zod';
import type { Faults } from '../rules/faults.ts';
import type { Rule, Rules } from '../rules/rule.ts';
import { described, isObject, readFields, shorterThan } from '../rules/rule.ts';
import { isHttpsUrl, isUrl, isUrlLike, MAX_URL_BYTES } from './url.ts';

const text = described(z.string('must be a string'));

// Table 2b. Hex digits in either case.
const COLOR = /^#[0-9a-f]{6}$/i;
const color = described(z.string('must be a string').regex(COLOR, 'must have the form #rrggbb'));

/** A text that may be a URL; one that starts like a URL is capped before it is parsed. */
const urlOrText = (isGood: (url: string) => boolean, wanted: string): Rule<string> => {
  const url = shorterThan(MAX_URL_BYTES, described(z.string().refine(isGood, wanted)));
  return (value, path, faults) => (typeof value === 'string' && isUrlLike(value) ? url : text)(value, path, faults);
};

// Tables 2a–2c give the key three meanings: an APNs category, the action of an intent filter, a web URL. The last,
// recognised by its scheme, must be HTTPS.
const clickAction = urlOrText(isHttpsUrl, 'must be a well-formed https:// URL if it is a URL');

// Tables 2b, 2c: a drawable resource, or an image URL of any scheme (`data:` works too).
const icon = urlOrText(isUrl, 'must be well-formed if it is a URL');

// Not in this protocol's documents, but in FCM's other protocols; Android, iOS and browsers show it. Apple loads HTTPS
// only.
const image = shorterThan(
  MAX_URL_BYTES,
  described(z.string('must be a string').refine(isHttpsUrl, 'must be a well-formed https:// URL')),
);

// Table 2a says string; clients send numbers too (protocol §3). The documented form is sent.
const badge = described(
  z.preprocess(
    (value) => (Number.isSafeInteger(value) ? String(value) : value), // by value: 3.0 is 3
    z.string('must be a whole number in a string').regex(/^\d{1,10}$/, 'must be a whole number, 0 or more'),
  ),
);

/** Table 2: "a JSON array, as a string". Clients also send the array itself (protocol §3). */
const locArgs: Rule<string> = (value, path, faults) => {
  if (isStrings(value)) return JSON.stringify(value);
  if (typeof value === 'string' && isStrings(jsonOf(value))) return value;
  const code = typeof value === 'string' || Array.isArray(value) ? 'MALFORMED' : 'WRONG_TYPE';
  faults.add(path, code, 'must be an array of strings, or such an array as JSON text');
  return undefined;
};

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function jsonOf(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** The keys of all three platforms, since one message may reach any of them. */
const TABLE_2 = {
  title: text,
  body: text,
  subtitle: text,
  sound: text,
  badge,
  click_action: clickAction,
  icon,
  image,
  tag: text,
  color,
  android_channel_id: text,
  title_loc_key: text,
  title_loc_args: locArgs,
  body_loc_key: text,
  body_loc_args: locArgs,
};

export const NOTIFICATION_FIELDS: readonly string[] = Object.keys(TABLE_2);

type Notification = Record<keyof typeof TABLE_2, string>;

const anything: Rule<string> = () => undefined;
const UNPARSED: Rules<Notification> = {
  ...TABLE_2,
  click_action: text,
  icon: text,
  image: text,
  title_loc_args: anything,
  body_loc_args: anything,
};

/** Like `readNotification`, but parses neither URLs nor JSON. */
export function checkNotification(value: unknown, path: string, faults: Faults): undefined {
  if (isObject(value)) readFields(value, UNPARSED, path, faults);
  else faults.add(path, 'WRONG_TYPE', 'must be an object');
}

/** Protocol §3, `notification`, in its documented form: strings only. */
export function readNotification(
  value: unknown,
  path: string,
  faults: Faults,
): Readonly<Record<string, string>> | undefined {
  if (isObject(value)) return readFields<Notification>(value, TABLE_2, path, faults);
  faults.add(path, 'WRONG_TYPE', 'must be an object');
  return undefined;
}
