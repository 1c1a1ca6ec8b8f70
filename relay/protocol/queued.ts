import { z } from 'zod';
import { Faults } from './faults.ts';
import { parseJson } from './json.ts';
import { shownPath } from './known-names.ts';
import type { DownstreamMessage } from './message.ts';
import { isMessageId } from './message-id.ts';
import { readMessage, withDefaults } from './read-message.ts';
import type { Rule, Rules } from './rule.ts';
import { described, isObject, isPresent, readFields } from './rule.ts';
import { TABLE_1 } from './table-1.ts';

/**
 * What stands in the Pub/Sub queue between the functions and the worker: JSON
 * `{"v":1,"sender_id":"…","accepted_at":<ms since 1970>,"message":{…}}`, and `"repeated":true` in a further copy of a message.
 * A version that we do not know is dead-lettered.
 */
export interface QueuedMessage {
  readonly senderId: string;
  /** Milliseconds since 1970. `time_to_live` counts from here. */
  readonly acceptedAtMs: number;
  readonly message: DownstreamMessage;
  /** The message was queued before, and may have been sent: to be taken like a redelivery. */
  readonly repeated?: true;
}

export const QUEUE_VERSION = 1;

/**
 * Room for the largest message that `parseDownstream` lets through: 4096 bytes of payload, of which JSON can make six
 * times as many (`\u0001`), and the other fields. Anything larger is not ours and is not even parsed.
 */
export const MAX_QUEUED_BYTES = 64 * 1024;

export type DecodedQueued =
  | { readonly ok: true; readonly value: QueuedMessage }
  | {
      readonly ok: false;
      /** Stable, for programs. */
      readonly reason: 'TOO_LARGE' | 'NOT_JSON' | 'UNKNOWN_VERSION' | 'INVALID_MESSAGE';
      /** For people; never a token or a payload value. */
      readonly detail: string;
      /** When there is a usable one, so that the message's fate can be recorded. */
      readonly messageId?: string;
    };

interface Envelope {
  readonly v: typeof QUEUE_VERSION;
  readonly sender_id: string;
  readonly accepted_at: number;
  readonly message: DownstreamMessage;
  readonly repeated?: true;
}

export function encodeQueued({ senderId, acceptedAtMs, message, repeated }: QueuedMessage): Buffer {
  const envelope: Envelope = { v: QUEUE_VERSION, sender_id: senderId, accepted_at: acceptedAtMs, message, ...(repeated === true && { repeated }) };
  return Buffer.from(JSON.stringify(envelope));
}

/**
 * Strict, although only our own functions write to the queue: whoever may publish there could put anything into it, and
 * what passes here goes to CCS unseen. The message is read by the very rules of a request, `message_id` now required.
 */
export function decodeQueued(bytes: Uint8Array): DecodedQueued {
  if (bytes.byteLength > MAX_QUEUED_BYTES) return refused('TOO_LARGE', `${bytes.byteLength} bytes, more than ${MAX_QUEUED_BYTES}`);
  const json = jsonOf(bytes);
  if (json === undefined) return refused('NOT_JSON', 'not JSON in UTF-8');
  if (!isObject(json)) return refused('INVALID_MESSAGE', 'not a JSON object');
  if (json['v'] !== QUEUE_VERSION) return refused('UNKNOWN_VERSION', `"v" is not ${QUEUE_VERSION}`, json);
  const faults = new Faults();
  const value = readEnvelope(json, faults);
  return value === undefined ? refused('INVALID_MESSAGE', summaryOf(faults), json) : { ok: true, value };
}

type Refusal = Extract<DecodedQueued, { ok: false }>;
type Json = Readonly<Record<string, unknown>>;

function refused(reason: Refusal['reason'], detail: string, json?: Json): Refusal {
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
  const fields = readMessage(value, TABLE_1, path, faults);
  if (!isPresent(value, 'message_id')) faults.add(`${path}.message_id`, 'REQUIRED', 'must be there');
  return fields.message_id === undefined ? undefined : withDefaults(fields, fields.message_id);
};

const ENVELOPE: Rules<Envelope> = {
  v: described(z.literal(QUEUE_VERSION)),
  sender_id: described(z.string().regex(/^\S+$/)),
  accepted_at: described(z.int().min(0)),
  message,
  repeated: described(z.literal(true)),
};

function readEnvelope(json: Json, faults: Faults): QueuedMessage | undefined {
  const { sender_id: senderId, accepted_at: acceptedAtMs, message, repeated } = readFields(json, ENVELOPE, '', faults);
  for (const field of ['sender_id', 'accepted_at', 'message']) {
    if (!isPresent(json, field)) faults.add(field, 'REQUIRED', 'must be there');
  }
  if (!faults.isEmpty || senderId === undefined || acceptedAtMs === undefined || message === undefined) return undefined;
  return { senderId, acceptedAtMs, message, ...(repeated === true && { repeated }) };
}

const SHOWN_FAULTS = 10;
const summaryOf = (faults: Faults): string =>
  [...new Set(faults.all.map((fault) => `${shownPath(fault)}: ${fault.code}`))].slice(0, SHOWN_FAULTS).join(', ');
