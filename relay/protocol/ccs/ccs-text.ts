import type { StanzaErrorFrame } from './frame.ts';
import { isKnownName } from '../legacy/known-names.ts';
import { NACK_CODES } from './nack-codes.ts';

/**
 * CCS's texts may hold a token or a payload, whole, shortened or in another case, so documents, events and notes hold
 * only what is known here: sentences of protocol §4 and §6, and those of our emulator. Each is known by its beginning;
 * what follows is free text.
 */
const SENTENCES: readonly string[] = [
  'Message with the same id has been received before',
  'Downstream message rate exceeded for this registration id',
  'Message rate exceeded for this topic',
  'Received acks for messages not sent over this connection',
  'Too many pending messages',
  'Connection is draining',
  'Missing required field: to',
  'message_type must be "ack"',
];
const BAD_TOKEN = "Invalid token on 'to' field";

/** The second word of `InvalidJson : INVALID_TTL : …`. */
const JSON_FAULTS: ReadonlySet<string> = new Set([
  'JSON_TYPE_ERROR',
  'JSON_PARSING_ERROR',
  'INVALID_TTL',
  'MISSING_REGISTRATION',
  'INVALID_REGISTRATION',
  'MULTIPLE_RECIPIENTS',
  'INVALID_PARAMETERS',
  'INVALID_PRIORITY',
  'INVALID_DATA_KEY',
  'INVALID_COLOR',
  'INVALID_CONDITION',
  'INVALID_TOPIC',
  'MESSAGE_TOO_BIG',
]);
const JSON_FAULT = /^InvalidJson ?: ([A-Z_]{1,40})(?: : (.{0,200}))?/;
const FIELD = /(?:Field|for) "(?:notification\.)?(\w{1,40})"|Missing Required Field: (\w{1,40})/;
const TYPE = /must be a JSON ((?:java\.lang\.)?(?:String|Number|Boolean)|JSONObject|JSONArray)\b/;

const MAX_TEXT = 500; // CCS's own texts are under 200

/** The known part of what CCS said; `undefined` where there is none. */
export function knownText(text: string): string | undefined {
  const trimmed = text.slice(0, MAX_TEXT).trim();
  if (trimmed.startsWith(BAD_TOKEN)) return `${BAD_TOKEN}: [to]`;
  const [prefix = ''] = /^InvalidJson ?: /.exec(trimmed) ?? [];
  const sentence = SENTENCES.find((known) => trimmed.startsWith(known, prefix.length));
  return sentence === undefined ? jsonFault(trimmed) : `${prefix}${sentence}`;
}

function jsonFault(text: string): string | undefined {
  const [found, code = '', detail = ''] = JSON_FAULT.exec(text) ?? [];
  if (found === undefined || !JSON_FAULTS.has(code)) return undefined;
  const field = FIELD.exec(detail);
  const name = field?.[1] ?? field?.[2] ?? '';
  const type = TYPE.exec(detail)?.[1];
  const named = field?.[2] === undefined ? ` : Field "${name}"` : ` : Missing Required Field: ${name}`;
  const about = isKnownName(name) ? named : '';
  return `InvalidJson: ${code}${about}${about !== '' && type !== undefined ? ` must be a JSON ${type}` : ''}`;
}

/** Table 4, and the codes of FCM's other protocols for the same cases. */
const CODES: ReadonlySet<string> = new Set([
  ...NACK_CODES,
  ...['MISSING_REGISTRATION', 'INVALID_REGISTRATION', 'NOT_REGISTERED', 'UNREGISTERED', 'MISMATCH_SENDER_ID'],
  ...['MESSAGE_TOO_BIG', 'INVALID_DATA_KEY', 'INVALID_TTL', 'INVALID_PACKAGE_NAME', 'INVALID_PARAMETERS'],
  ...['INVALID_ARGUMENT', 'QUOTA_EXCEEDED', 'UNAVAILABLE', 'INTERNAL', 'THIRD_PARTY_AUTH_ERROR'],
]);
const WORD = /^\w{1,64}$/;

/** A nack's code as documents, events and notes show it. An unknown word might be a token, or part of one. */
export function knownCode(error: string): string {
  if (error === '') return 'NO_ERROR_CODE';
  if (CODES.has(error)) return error;
  return WORD.test(error) ? 'UNKNOWN_ERROR_CODE' : 'UNREADABLE_ERROR_CODE';
}

/** RFC 6120 §8.3.3. */
const CONDITIONS: ReadonlySet<string> = new Set([
  'bad-request',
  'conflict',
  'feature-not-implemented',
  'forbidden',
  'gone',
  'internal-server-error',
  'item-not-found',
  'jid-malformed',
  'not-acceptable',
  'not-allowed',
  'not-authorized',
  'policy-violation',
  'recipient-unavailable',
  'redirect',
  'registration-required',
  'remote-server-not-found',
  'remote-server-timeout',
  'resource-constraint',
  'service-unavailable',
  'subscription-required',
  'undefined-condition',
  'unexpected-request',
]);

/** The known parts of a stanza error's code, condition and text; `''` where there are none. */
export function knownStanzaError(frame: Pick<StanzaErrorFrame, 'code' | 'condition' | 'text'>): string {
  const { code, condition, text } = frame;
  const parts = [
    code !== undefined && /^\d{3}$/.test(code) ? code : undefined,
    condition !== undefined && CONDITIONS.has(condition) ? condition : undefined,
    knownText(text),
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}
