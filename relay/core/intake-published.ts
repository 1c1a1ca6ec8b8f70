import { parseDownstream } from '../protocol/parse-downstream.ts';
import type { FieldError, Parsed } from '../protocol/field-error.ts';
import type { DownstreamRequest } from '../protocol/message.ts';
import { isObject } from '../protocol/rule.ts';
import { readJson } from './intake-json.ts';

/** A raw request as a Pub/Sub publisher handed it in (design.md, Pub/Sub): the JSON of one message. */
export interface PublishedRequest {
  readonly data: Uint8Array;
  /** The attribute `sender_id`, for a message that does not name its sender. */
  readonly senderId?: string;
  readonly pubsubMessageId: string;
}

export type ReadRequest =
  | { readonly kind: 'request'; readonly request: DownstreamRequest }
  | { readonly kind: 'notJson'; readonly detail: string }
  | RefusedRequest;

export interface RefusedRequest {
  readonly kind: 'refused';
  readonly errors: readonly FieldError[];
  readonly input: unknown;
  /** When the request carries a usable one. */
  readonly messageId?: string;
  /** When it is certain under which sender the request was meant. */
  readonly senderId?: string;
}

/**
 * A message without an id gets one made of Pub/Sub's, which its publisher knows from `publish()`, and which stays the same
 * when the event comes again: a redelivery must not become a second message.
 */
export function readPublished(published: PublishedRequest, senders: readonly string[]): ReadRequest {
  const json = readJson(published.data);
  if (!json.ok) return { kind: 'notJson', detail: json.detail };
  const input = withSender(json.value, published.senderId);
  const parsed = parseDownstream(input, { senders, newMessageId: () => `ps-${published.pubsubMessageId}` });
  const contradiction = contradictions(input, published.senderId);
  if (parsed.ok && contradiction.length === 0) return { kind: 'request', request: parsed.value };
  return refused(parsed, contradiction, { input, senders });
}

const withSender = (value: unknown, senderId: string | undefined): unknown =>
  isObject(value) && senderId !== undefined && !Object.hasOwn(value, 'sender_id') ? { ...value, sender_id: senderId } : value;

const contradictions = (input: unknown, senderId: string | undefined): readonly FieldError[] =>
  isObject(input) && senderId !== undefined && input['sender_id'] !== senderId
    ? [{ path: 'sender_id', code: 'NOT_ALLOWED', message: 'the attribute sender_id names another sender' }]
    : [];

interface Asked {
  readonly input: unknown;
  readonly senders: readonly string[];
}

function refused(parsed: Parsed<DownstreamRequest>, contradiction: readonly FieldError[], { input, senders }: Asked): RefusedRequest {
  const messageId = parsed.ok ? parsed.value.message.message_id : parsed.messageId;
  const senderId = contradiction.length === 0 ? senderOf(input, senders) : undefined;
  return {
    kind: 'refused',
    errors: [...(parsed.ok ? [] : parsed.errors), ...contradiction],
    input,
    ...(messageId !== undefined && { messageId }),
    ...(senderId !== undefined && { senderId }),
  };
}

/** Found anew, since the list of errors ends somewhere and need not name a bad `sender_id`. */
function senderOf(input: unknown, senders: readonly string[]): string | undefined {
  if (!isObject(input)) return undefined;
  if (!Object.hasOwn(input, 'sender_id')) return senders.length === 1 ? senders[0] : undefined;
  return senders.find((sender) => sender === input['sender_id']);
}
