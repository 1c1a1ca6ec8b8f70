import { isJson, typeError, type Json } from '../wire/payload.ts';
import { ConditionError, parseCondition, type Condition } from './condition.ts';

/**
 * The fields of a downstream message, checked in the order below; the first fault found is the nack (CCS sends one).
 * Codes are documented (protocol §4); texts are the documented ones where one is known, else worded like them (our
 * choice).
 */
export type Target =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'condition'; readonly text: string; readonly condition: Condition };

export interface Downstream {
  readonly messageId: string;
  readonly target: Target;
  readonly collapseKey: string | undefined;
  readonly priority: 'normal' | 'high';
  readonly ttlSeconds: number;
  readonly dryRun: boolean;
  readonly receipt: boolean;
  readonly data: Readonly<Record<string, string>> | undefined;
  readonly notification: Json | undefined;
}

export interface Refusal {
  readonly error: string;
  readonly description: string;
}

export const MAX_TTL_SECONDS = 2_419_200;
const MAX_PAYLOAD_BYTES = 4_096;
const MAX_TOPIC_PAYLOAD_BYTES = 2_048;
const TOPIC_PREFIX = '/topics/';
const TOPIC_NAME = /^[A-Za-z0-9\-_.~%]{1,900}$/;
/**
 * Our choice: what cannot be a token is shorter than 6 characters or has a space, a control or a non-ASCII character.
 */
const TOKEN = /^[\x21-\x2e\x30-\x7e][\x21-\x7e]{5,4095}$/;

const STRINGS = ['to', 'condition', 'collapse_key', 'priority'];
const BOOLEANS = ['content_available', 'mutable_content', 'dry_run', 'delivery_receipt_requested'];
const OBJECTS = ['data', 'notification'];
const LOC_ARGS = new Set(['body_loc_args', 'title_loc_args']);
const NOTIFICATION_STRINGS = new Set([
  'title',
  'body',
  'sound',
  'click_action',
  'subtitle',
  'icon',
  'image',
  'tag',
  'color',
  'android_channel_id',
  'body_loc_key',
  'title_loc_key',
]);

const invalid = (description: string): Refusal => ({ error: 'INVALID_JSON', description });

type Check = (json: Json) => Refusal | undefined;

const present = (json: Json, field: string): boolean => json[field] !== undefined && json[field] !== null;

/** A value as text; one of `data` as the device gets it: anything that is not a string is converted (protocol §3). */
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const fieldTypes: Check = (json) => {
  for (const field of STRINGS)
    if (present(json, field) && typeof json[field] !== 'string')
      return invalid(typeError(field, 'java.lang.String', json[field]));
  for (const field of BOOLEANS)
    if (present(json, field) && typeof json[field] !== 'boolean')
      return invalid(typeError(field, 'java.lang.Boolean', json[field]));
  for (const field of OBJECTS)
    if (present(json, field) && !isJson(json[field])) return invalid(typeError(field, 'JSONObject', json[field]));
  return undefined;
};

const oneTarget: Check = (json) => {
  if (present(json, 'registration_ids'))
    return invalid('InvalidJson : MULTIPLE_RECIPIENTS : Field "registration_ids" is not supported over XMPP');
  const count = Number(present(json, 'to')) + Number(present(json, 'condition'));
  if (count === 0) return invalid('InvalidJson : MISSING_REGISTRATION : Missing Required Field: to');
  if (count === 2) return invalid('InvalidJson : INVALID_PARAMETERS : Only one of "to" and "condition" may be set');
  return undefined;
};

const timeToLive: Check = (json) => {
  const value = json['time_to_live'];
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value; // Google's samples send "600"
  if (typeof seconds !== 'number') return invalid(typeError('time_to_live', 'java.lang.Number', value));
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_TTL_SECONDS) return undefined;
  return invalid(
    `InvalidJson : INVALID_TTL : Invalid value (${seconds}) for "time_to_live": must be between 0 and "${MAX_TTL_SECONDS}"\n`,
  );
};

const priority: Check = (json) => {
  const value = json['priority'];
  if (value === undefined || value === null || value === 'normal' || value === 'high') return undefined;
  return invalid(
    `InvalidJson : INVALID_PRIORITY : Invalid value (${asText(value)}) for "priority": must be "normal" or "high"`,
  );
};

const reserved = (key: string): boolean =>
  key === 'from' || key === 'message_type' || key.startsWith('google') || key.startsWith('gcm');

const dataKeys: Check = (json) => {
  const data = json['data'];
  const bad = isJson(data) ? Object.keys(data).find(reserved) : undefined;
  return bad === undefined
    ? undefined
    : invalid(`InvalidJson : INVALID_DATA_KEY : "data" key "${bad}" is a reserved keyword`);
};

const notificationKeys: Check = (json) => {
  const { notification } = json;
  if (!isJson(notification)) return undefined;
  for (const [key, value] of Object.entries(notification)) {
    if (value === null) continue;
    const field = `notification.${key}`;
    if (NOTIFICATION_STRINGS.has(key) && typeof value !== 'string')
      return invalid(typeError(field, 'java.lang.String', value));
    if (key === 'badge' && typeof value !== 'string' && typeof value !== 'number')
      return invalid(typeError(field, 'java.lang.String', value));
    if (LOC_ARGS.has(key) && typeof value !== 'string' && !Array.isArray(value))
      return invalid(typeError(field, 'JSONArray', value));
    if (key === 'color' && !/^#[0-9a-f]{6}$/i.test(asText(value)))
      return invalid(`InvalidJson : INVALID_COLOR : Invalid value (${asText(value)}) for "${field}": must be #rrggbb`);
  }
  return undefined;
};

function payloadBytes(json: Json): number {
  let bytes = 0;
  for (const part of [json['data'], json['notification']]) {
    if (!isJson(part)) continue;
    for (const key in part) bytes += Buffer.byteLength(key) + Buffer.byteLength(asText(part[key]));
  }
  return bytes;
}

const size: Check = (json) => {
  const { to } = json;
  const limit = typeof to === 'string' && !to.startsWith(TOPIC_PREFIX) ? MAX_PAYLOAD_BYTES : MAX_TOPIC_PAYLOAD_BYTES;
  const bytes = payloadBytes(json);
  return bytes <= limit
    ? undefined
    : invalid(`InvalidJson : MESSAGE_TOO_BIG : Payload of ${bytes} bytes exceeds ${limit}`);
};

const CHECKS: readonly Check[] = [fieldTypes, oneTarget, timeToLive, priority, dataKeys, notificationKeys, size];

function targetOf(json: Json): Target | Refusal {
  const { to, condition } = json;
  if (typeof condition === 'string') {
    try {
      return { kind: 'condition', text: condition, condition: parseCondition(condition) };
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      return invalid(
        `InvalidJson : INVALID_CONDITION : Invalid value (${condition}) for "condition": ${error.message}`,
      );
    }
  }
  const token = String(to);
  if (token.startsWith(TOPIC_PREFIX)) {
    const topic = token.slice(TOPIC_PREFIX.length);
    return TOPIC_NAME.test(topic)
      ? { kind: 'topic', topic }
      : invalid(`InvalidJson : INVALID_TOPIC : Invalid topic on 'to' field: ${token}`);
  }
  if (TOKEN.test(token)) return { kind: 'token', token };
  return badRegistration(token);
}

export const badRegistration = (token: string): Refusal => ({
  error: 'BAD_REGISTRATION',
  description: `Invalid token on 'to' field: ${token}`,
});

function dataOf(data: unknown): Readonly<Record<string, string>> | undefined {
  if (!isJson(data)) return undefined;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, asText(value)]));
}

export function validate(messageId: string, json: Json): Downstream | Refusal {
  for (const check of CHECKS) {
    const refusal = check(json);
    if (refusal !== undefined) return refusal;
  }
  const target = targetOf(json);
  if ('error' in target) return target;
  const { collapse_key: key, notification } = json;
  return {
    messageId,
    target,
    collapseKey: typeof key === 'string' && key !== '' ? key : undefined,
    priority:
      json['priority'] === 'high' || (json['priority'] !== 'normal' && isJson(notification)) ? 'high' : 'normal',
    ttlSeconds: Number(json['time_to_live'] ?? MAX_TTL_SECONDS),
    dryRun: json['dry_run'] === true,
    receipt: json['delivery_receipt_requested'] === true,
    data: dataOf(json['data']),
    notification: isJson(notification) ? notification : undefined,
  };
}
