import { z } from 'zod';
import { Faults } from '../rules/faults.ts';
import { parseJson } from '../json/json.ts';
import { shownPath } from '../legacy/known-names.ts';
import type { DownstreamMessage } from '../legacy/message.ts';
import { isMessageId } from '../legacy/message-id.ts';
import { readMessage, withDefaults } from '../legacy/read-message.ts';
import type { Rule, Rules } from '../rules/rule.ts';
import { described, isObject, isPresent, readFields } from '../rules/rule.ts';
import { LEGACY_FIELDS } from '../legacy/legacy-fields.ts';

/**
 * What stands in the Pub/Sub queue between the functions and the worker: JSON `{"v":2,"sender_id":"…","accepted_at":<ms
 * since 1970>,"owner":"…","format":"legacy","record":"full","tags":[],"message":{…}}`, and `"repeated":true` in a
 * further copy of a message (design §3). Version 1 had `v, sender_id, accepted_at, message, repeated` and no `mac`;
 * it is read for as long as a queue keeps one.
 */
export interface QueuedMessage {
  readonly senderId: string;
  /** Milliseconds since 1970. `time_to_live` counts from here. */
  readonly acceptedAtMs: number;
  /** `user:<uid>`, `key:<name>`, `system:…`: an attribute of the message's events. Absent in version 1. */
  readonly owner?: string;
  readonly message: DownstreamMessage;
  /** The message was queued before, and may have been sent: to be taken like a redelivery. */
  readonly repeated?: true;
}

export const QUEUE_VERSION = 2;
export type QueueVersion = 1 | typeof QUEUE_VERSION;

/**
 * Room for the largest message that `parseDownstream` lets through: 4096 bytes of payload, of which JSON can make six
 * times as many (`\u0001`), and the other fields. Anything larger is not ours and is not even parsed.
 */
export const MAX_QUEUED_BYTES = 64 * 1024;

export type DecodedQueued =
  | { readonly ok: true; readonly version: QueueVersion; readonly value: QueuedMessage }
  | {
      readonly ok: false;
      /**
       * Stable, for programs. `UNKNOWN_VERSION`: of a newer relay than this one, which will know what to do with it.
       */
      readonly reason: 'TOO_LARGE' | 'NOT_JSON' | 'UNKNOWN_VERSION' | 'INVALID_MESSAGE';
      /** For people; never a token or a payload value. */
      readonly detail: string;
      /** When there is a usable one, so that the message's fate can be recorded. */
      readonly messageId?: string;
    };

interface Envelope {
  readonly v: QueueVersion;
  readonly sender_id: string;
  readonly accepted_at: number;
  readonly owner?: string;
  readonly format?: typeof FORMAT;
  readonly message: DownstreamMessage;
  readonly repeated?: true;
}

/** The message form of protocol §3. Any other belongs to a newer relay. */
const FORMAT = 'legacy';

/** Reserved, read by no relay yet: design §6, and tags. */
const LATER = { record: 'full', tags: [] } as const;

export function encodeQueued({ senderId, acceptedAtMs, owner, message, repeated }: QueuedMessage): Buffer {
  const envelope: Envelope & typeof LATER = {
    v: QUEUE_VERSION,
    sender_id: senderId,
    accepted_at: acceptedAtMs,
    ...(owner !== undefined && { owner }),
    format: FORMAT,
    ...LATER,
    message,
    ...(repeated === true && { repeated }),
  };
  return Buffer.from(JSON.stringify(envelope));
}

/**
 * Strict about the message, although a `mac` says that it is ours: what passes here goes to CCS unseen. It is read by
 * the very rules of a request, `message_id` now required. Of the envelope, what this version does not know is ignored.
 */
export function decodeQueued(bytes: Uint8Array): DecodedQueued {
  if (bytes.byteLength > MAX_QUEUED_BYTES)
    return refused('TOO_LARGE', `${bytes.byteLength} bytes, more than ${MAX_QUEUED_BYTES}`);
  const json = jsonOf(bytes);
  if (json === undefined) return refused('NOT_JSON', 'not JSON in UTF-8');
  if (!isObject(json)) return refused('INVALID_MESSAGE', 'not a JSON object');
  const { v: version, format = FORMAT } = json;
  if (isNewer(version)) return refused('UNKNOWN_VERSION', `"v" is more than ${QUEUE_VERSION}`, json);
  if (!isKnown(version)) return refused('INVALID_MESSAGE', `"v" is not ${QUEUE_VERSION}`, json);
  if (version !== 1 && format !== FORMAT) return refused('UNKNOWN_VERSION', `"format" is not "${FORMAT}"`, json);
  const faults = new Faults();
  const value = readEnvelope(version === 1 ? json : onlyKnown(json), faults);
  return value === undefined ? refused('INVALID_MESSAGE', summaryOf(faults), json) : { ok: true, version, value };
}

const isKnown = (version: unknown): version is QueueVersion => version === 1 || version === QUEUE_VERSION;
const isNewer = (version: unknown): boolean =>
  typeof version === 'number' && Number.isInteger(version) && version > QUEUE_VERSION;
const onlyKnown = (json: Json): Json =>
  Object.fromEntries(Object.entries(json).filter(([field]) => Object.hasOwn(ENVELOPE, field)));

type Undecodable = Extract<DecodedQueued, { ok: false }>;
type Json = Readonly<Record<string, unknown>>;

function refused(reason: Undecodable['reason'], detail: string, json?: Json): Undecodable {
  const message = json?.['message'];
  const messageId = isObject(message) ? message['message_id'] : undefined;
  return { ok: false, reason, detail, ...(isMessageId(messageId) && { messageId }) };
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(UTF_8.decode(bytes));
  } catch {
    return undefined;
  }
}

const message: Rule<DownstreamMessage> = (value, path, faults) => {
  if (!isObject(value)) {
    faults.add(path, 'WRONG_TYPE', 'must be an object');
    return undefined;
  }
  const fields = readMessage(value, LEGACY_FIELDS, path, faults);
  if (!isPresent(value, 'message_id')) faults.add(`${path}.message_id`, 'REQUIRED', 'must be there');
  return fields.message_id === undefined ? undefined : withDefaults(fields, fields.message_id);
};

const ENVELOPE: Rules<Envelope> = {
  v: described(z.literal([1, QUEUE_VERSION])),
  sender_id: described(z.string().regex(/^\S+$/)),
  accepted_at: described(z.int().min(0)),
  owner: described(z.string().min(1)),
  format: described(z.literal(FORMAT)),
  message,
  repeated: described(z.literal(true)),
};

function readEnvelope(json: Json, faults: Faults): QueuedMessage | undefined {
  const {
    v,
    sender_id: senderId,
    accepted_at: acceptedAtMs,
    owner,
    message,
    repeated,
  } = readFields(json, ENVELOPE, '', faults);
  for (const field of ['sender_id', 'accepted_at', 'message']) {
    if (!isPresent(json, field)) faults.add(field, 'REQUIRED', 'must be there');
  }
  if (!faults.isEmpty || senderId === undefined || acceptedAtMs === undefined || message === undefined)
    return undefined;
  const owned = v !== 1 && owner !== undefined; // nobody vouches for what version 1 says of it
  return { senderId, acceptedAtMs, ...(owned && { owner }), message, ...(repeated === true && { repeated }) };
}

const SHOWN_FAULTS = 10;
const summaryOf = (faults: Faults): string =>
  [...new Set(faults.all.map((fault) => `${shownPath(fault)}: ${fault.code}`))].slice(0, SHOWN_FAULTS).join(', ');
