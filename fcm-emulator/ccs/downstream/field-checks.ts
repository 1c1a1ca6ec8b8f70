import type { Refusal } from '../../devices/message.ts';
import { isJson, type Json } from '../../json/json.ts';
import { typeError } from '../stanzas/payload.ts';

export const MAX_TTL_SECONDS = 2_419_200;
const MAX_PAYLOAD_BYTES = 4_096;
const MAX_TOPIC_PAYLOAD_BYTES = 2_048;
export const TOPIC_PREFIX = '/topics/';
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

export const invalidJson = (description: string): Refusal => ({ error: 'INVALID_JSON', description });

type Check = (json: Json) => Refusal | undefined;

const present = (json: Json, field: string): boolean => json[field] !== undefined && json[field] !== null;

/** A value as text. The device gets `data` values this way: non-strings are converted (protocol §3). */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const fieldTypes: Check = (json) => {
  for (const field of STRINGS)
    if (present(json, field) && typeof json[field] !== 'string')
      return invalidJson(typeError(field, 'java.lang.String', json[field]));
  for (const field of BOOLEANS)
    if (present(json, field) && typeof json[field] !== 'boolean')
      return invalidJson(typeError(field, 'java.lang.Boolean', json[field]));
  for (const field of OBJECTS)
    if (present(json, field) && !isJson(json[field])) return invalidJson(typeError(field, 'JSONObject', json[field]));
  return undefined;
};

const oneTarget: Check = (json) => {
  if (present(json, 'registration_ids'))
    return invalidJson('InvalidJson : MULTIPLE_RECIPIENTS : Field "registration_ids" is not supported over XMPP');
  const count = Number(present(json, 'to')) + Number(present(json, 'condition'));
  if (count === 0) return invalidJson('InvalidJson : MISSING_REGISTRATION : Missing Required Field: to');
  if (count === 2) return invalidJson('InvalidJson : INVALID_PARAMETERS : Only one of "to" and "condition" may be set');
  return undefined;
};

const timeToLive: Check = (json) => {
  const value = json['time_to_live'];
  if (value === undefined || value === null) return undefined;
  // Google's samples send "600"
  const seconds = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number') return invalidJson(typeError('time_to_live', 'java.lang.Number', value));
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_TTL_SECONDS) return undefined;
  const range = `must be between 0 and "${MAX_TTL_SECONDS}"\n`;
  return invalidJson(`InvalidJson : INVALID_TTL : Invalid value (${seconds}) for "time_to_live": ${range}`);
};

const priority: Check = (json) => {
  const value = json['priority'];
  if (value === undefined || value === null || value === 'normal' || value === 'high') return undefined;
  return invalidJson(
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
    : invalidJson(`InvalidJson : INVALID_DATA_KEY : "data" key "${bad}" is a reserved keyword`);
};

const notificationKeys: Check = (json) => {
  const { notification } = json;
  if (!isJson(notification)) return undefined;
  for (const [key, value] of Object.entries(notification)) {
    if (value === null) continue;
    const field = `notification.${key}`;
    if (NOTIFICATION_STRINGS.has(key) && typeof value !== 'string')
      return invalidJson(typeError(field, 'java.lang.String', value));
    if (key === 'badge' && typeof value !== 'string' && typeof value !== 'number')
      return invalidJson(typeError(field, 'java.lang.String', value));
    if (LOC_ARGS.has(key) && typeof value !== 'string' && !Array.isArray(value))
      return invalidJson(typeError(field, 'JSONArray', value));
    if (key === 'color' && !/^#[0-9a-f]{6}$/i.test(asText(value)))
      return invalidJson(
        `InvalidJson : INVALID_COLOR : Invalid value (${asText(value)}) for "${field}": must be #rrggbb`,
      );
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

const payloadSize: Check = (json) => {
  const { to } = json;
  const limit = typeof to === 'string' && !to.startsWith(TOPIC_PREFIX) ? MAX_PAYLOAD_BYTES : MAX_TOPIC_PAYLOAD_BYTES;
  const bytes = payloadBytes(json);
  return bytes <= limit
    ? undefined
    : invalidJson(`InvalidJson : MESSAGE_TOO_BIG : Payload of ${bytes} bytes exceeds ${limit}`);
};

/** In CCS's order (our choice): the first refusal is the nack. */
const CHECKS: readonly Check[] = [fieldTypes, oneTarget, timeToLive, priority, dataKeys, notificationKeys, payloadSize];

export function firstRefusal(json: Json): Refusal | undefined {
  for (const check of CHECKS) {
    const refusal = check(json);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
