import type {
  InboundFrame,
  MessageStanza,
  ReceiptFrame,
  StanzaErrorFrame,
  UnknownFrame,
  UpstreamFrame,
} from './frame.ts';
import { NumberText, parseJson } from '../json/json.ts';
import { isObject } from '../rules/rule.ts';

type Payload = Readonly<Record<string, unknown>>;

/**
 * A stanza as a frame. The type is read first: control frames have no `message_id` (protocol §7), and checking that
 * first is why the draining code of most public clients never runs. Never throws; what cannot be read is `unknown`,
 * with the reason.
 */
export function decodeFrame(stanza: MessageStanza): InboundFrame {
  const payload = payloadOf(stanza);
  if (stanza.type === 'error' || stanza.error !== undefined) return stanzaError(stanza, payload);
  if (stanza.json === undefined) return unknown('no gcm element');
  if (payload === undefined) return unknown('the payload is not a JSON object');

  const type = payload['message_type'];
  switch (type) {
    case undefined:
    case null:
      return upstream(payload, stanza.json);
    case 'ack':
      return ack(payload);
    case 'nack':
      return nack(payload);
    case 'receipt':
      return receipt(payload, stanza.json);
    case 'control':
      return { kind: 'control', controlType: textOf(payload['control_type']) ?? '' }; // table 7: optional
    default:
      return unknown('a message_type that we do not know'); // protocol §6: ignored
  }
}

function payloadOf({ json }: MessageStanza): Payload | undefined {
  if (json === undefined) return undefined;
  try {
    const payload = parseJson(json);
    return isObject(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}

const unknown = (reason: string): UnknownFrame => ({ kind: 'unknown', reason });

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Not empty. A number passes as it is written, since what is not acked comes back for ever. */
function idOf(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  if (value instanceof NumberText) return value.text;
  return typeof value === 'number' ? String(value) : undefined;
}

/** Protocol §4, table 3. */
function ack(payload: Payload): InboundFrame {
  const messageId = idOf(payload['message_id']);
  if (messageId === undefined) return unknown('an ack without message_id');
  const canonicalToken = idOf(payload['registration_id']);
  return { kind: 'ack', messageId, ...(canonicalToken !== undefined && { canonicalToken }) };
}

/** Protocol §4, table 3: both texts are optional. */
function nack(payload: Payload): InboundFrame {
  const messageId = idOf(payload['message_id']);
  if (messageId === undefined) return unknown('a nack without message_id');
  return {
    kind: 'nack',
    messageId,
    error: textOf(payload['error']) ?? '',
    description: textOf(payload['error_description']) ?? '',
  };
}

/** Protocol §6, table 5. Only `from` and `message_id` are required, since the ack needs them. */
function upstream(payload: Payload, json: string): UpstreamFrame | UnknownFrame {
  const [messageId, from, category] = [idOf(payload['message_id']), idOf(payload['from']), textOf(payload['category'])];
  if (messageId === undefined) return unknown('an upstream message without message_id');
  if (from === undefined) return unknown('an upstream message without from');
  const data = writable(payload['data'] ?? {}, json);
  return { kind: 'upstream', messageId, from, ...(category !== undefined && { category }), data };
}

const RECEIPT_PREFIX = /^dr2:/;

/** Protocol §6. */
function receipt(payload: Payload, json: string): ReceiptFrame | UnknownFrame {
  const [messageId, from, data] = [idOf(payload['message_id']), idOf(payload['from']), payload['data']];
  if (messageId === undefined) return unknown('a receipt without message_id');
  if (from === undefined) return unknown('a receipt without from');
  const details = isObject(data) ? data : {};
  const named = RECEIPT_PREFIX.test(messageId) ? messageId.replace(RECEIPT_PREFIX, '') : undefined;
  const originalMessageId = idOf(details['original_message_id']) ?? idOf(named);
  const status = textOf(details['message_status']);
  return {
    kind: 'receipt',
    messageId,
    from,
    ...(originalMessageId !== undefined && { originalMessageId }),
    ...(status !== undefined && { status }),
    data: writable(data ?? {}, json),
  };
}

/** Protocol §2: it echoes the stanza's id and the payload; either names the message. */
function stanzaError({ id, error }: MessageStanza, payload: Payload | undefined): StanzaErrorFrame {
  const messageId = idOf(id) ?? idOf(payload?.['message_id']);
  return {
    kind: 'stanzaError',
    ...(messageId !== undefined && { messageId }),
    ...(error?.code !== undefined && { code: error.code }),
    ...(error?.condition !== undefined && { condition: error.condition }),
    text: error?.text ?? '',
  };
}

/**
 * `data` becomes part of an event, and must not break what writes it: JSON.parse reads any depth, JSON.stringify
 * overflows the stack at a few thousand. Data nested deeper than this is passed on as the text of its payload, so
 * nothing is lost.
 */
const MAX_DEPTH = 1000;
const writable = (data: unknown, json: string): unknown =>
  json.length > MAX_DEPTH && isDeeperThan(MAX_DEPTH, data) ? json : data;

function isDeeperThan(limit: number, data: unknown): boolean {
  let level = [data];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((node): unknown[] => (isNested(node) ? Object.values(node) : []));
  }
  return false;
}

const isNested = (node: unknown): node is object =>
  typeof node === 'object' && node !== null && !(node instanceof NumberText);
