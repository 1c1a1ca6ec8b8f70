import { isDeepStrictEqual } from 'node:util';
import {
  MESSAGE_STATES,
  type DeliveryRecord,
  type MessageRecord,
  type MessageState,
  type RecordChange,
  type RecordedTarget,
} from '../../model/record.ts';
import { MAX_TTL_SECONDS } from '../../protocol/legacy/message.ts';
import {
  integer,
  millisOf,
  plain,
  plainFields,
  text,
  timestamp,
  type Document,
  type Fields,
  type Value,
} from './wire.ts';

/** MessageRecord ↔ document (design §4). */

const MAX_DESCRIPTION_LENGTH = 2048; // a peer's text; ours and known CCS texts are a tenth of it

const targetValue = (target: RecordedTarget): Value => {
  switch (target.kind) {
    case 'token':
    case 'group':
      return { mapValue: { fields: { kind: text(target.kind), hash: text(target.hash) } } };
    case 'topic':
      return { mapValue: { fields: { kind: text(target.kind), topic: text(target.topic) } } };
    case 'condition':
      return { mapValue: { fields: { kind: text(target.kind), condition: text(target.condition) } } };
  }
};

/** Record field → document field and encoder. */
const FIELDS: {
  readonly [K in keyof MessageRecord]-?: readonly [string, (value: NonNullable<MessageRecord[K]>) => Value];
} = {
  state: ['state', text],
  target: ['target', targetValue],
  priority: ['priority', text],
  timeToLiveSeconds: ['time_to_live', integer],
  attempts: ['attempts', integer],
  error: ['error', text],
  errorDescription: ['error_description', (value) => text(value.slice(0, MAX_DESCRIPTION_LENGTH))],
  owner: ['owner', text],
  contentHash: ['content_hash', text],
  cancelRequestedAtMs: ['cancel_requested_at', timestamp],
  createdAtMs: ['created_at', timestamp],
  updatedAtMs: ['updated_at', timestamp],
  settledAtMs: ['settled_at', timestamp],
  replayedToMs: ['replayed_to', timestamp],
  expireAtMs: ['expire_at', timestamp],
};
const FIELD_LIST = Object.entries(FIELDS) as [keyof MessageRecord, readonly [string, (value: unknown) => Value]][];

export function encodeRecord(record: MessageRecord | RecordChange): Fields {
  const fields: Record<string, Value> = {};
  const values: Partial<MessageRecord> = record as Partial<MessageRecord>;
  for (const [key, [name, encode]] of FIELD_LIST) {
    const value = values[key];
    if (value !== undefined) fields[name] = encode(value);
  }
  return fields;
}

/** The document fields a change sets, or removes by `undefined`. */
export const changedPaths = (change: RecordChange): readonly string[] =>
  FIELD_LIST.filter(([key]) => Object.hasOwn(change, key)).map(([, [name]]) => name);

const isState = (value: unknown): value is MessageState => MESSAGE_STATES.some((state) => state === value);

function targetOf(value: unknown): RecordedTarget {
  const { kind, hash, topic, condition } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (kind === 'topic' && typeof topic === 'string') return { kind, topic };
  if (kind === 'condition' && typeof condition === 'string') return { kind, condition };
  return { kind: kind === 'group' ? 'group' : 'token', hash: typeof hash === 'string' ? hash : '' };
}

const DELIVERY_KEYS = [
  'state',
  'attempts',
  'error',
  'errorDescription',
  'cancelRequestedAtMs',
  'updatedAtMs',
  'settledAtMs',
  'contentHash',
] as const satisfies readonly (keyof DeliveryRecord)[];

/** The document fields `decodeDelivery` needs. */
export const DELIVERY_PATHS: readonly string[] = DELIVERY_KEYS.map((key) => FIELDS[key][0]);

const numberIn = (document: Document, name: string): number | undefined => {
  const value = plain(document.fields[name]);
  return Number.isFinite(value) ? (value as number) : undefined;
};

function optional<K extends keyof MessageRecord>(
  document: Document,
  key: K,
  type: 'string' | 'number',
): { readonly [P in K]?: NonNullable<MessageRecord[P]> } {
  const value = plain(document.fields[FIELDS[key][0]]);
  return (typeof value === type ? { [key]: value } : {}) as { readonly [P in K]?: NonNullable<MessageRecord[P]> };
}

/**
 * Never throws: a hand-edited document must not stop the worker. A missing or mistyped field gets the value that loses
 * nothing: an unknown state is `queued` (not terminal), a missing time is the document's own.
 */
export function decodeDelivery(document: Document): Pick<MessageRecord, (typeof DELIVERY_KEYS)[number]> {
  const state = plain(document.fields['state']);
  return {
    state: isState(state) ? state : 'queued',
    attempts: numberIn(document, 'attempts') ?? 0,
    ...optional(document, 'error', 'string'),
    ...optional(document, 'errorDescription', 'string'),
    ...optional(document, 'cancelRequestedAtMs', 'number'),
    updatedAtMs: numberIn(document, 'updated_at') ?? millisOf(document.updateTime),
    ...optional(document, 'settledAtMs', 'number'),
    ...optional(document, 'contentHash', 'string'),
  };
}

/** The whole record, as tolerant as `decodeDelivery`. */
export function decodeRecord(document: Document): MessageRecord {
  const createdAtMs = numberIn(document, 'created_at') ?? millisOf(document.createTime);
  return {
    ...decodeDelivery(document),
    target: targetOf(plain(document.fields['target'])),
    priority: plain(document.fields['priority']) === 'high' ? 'high' : 'normal',
    timeToLiveSeconds: numberIn(document, 'time_to_live') ?? MAX_TTL_SECONDS,
    ...optional(document, 'owner', 'string'),
    createdAtMs,
    ...optional(document, 'replayedToMs', 'number'),
    expireAtMs: numberIn(document, 'expire_at') ?? createdAtMs + MAX_TTL_SECONDS * 1000,
  };
}

/** Whether the document's `paths` (all, if absent) are exactly as a write of `fields` would have left them. */
export function standsAs(document: Document, fields: Fields, paths?: readonly string[]): boolean {
  const found = plainFields(document.fields);
  const wanted = plainFields(fields);
  return paths === undefined
    ? isDeepStrictEqual(found, wanted)
    : paths.every((path) => isDeepStrictEqual(found[path], wanted[path]));
}
