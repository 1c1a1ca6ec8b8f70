import { parseDownstream } from '../../protocol/legacy/parse-downstream.ts';
import type { FieldError } from '../../protocol/rules/field-error.ts';
import type { DownstreamRequest } from '../../protocol/legacy/message.ts';
import { isObject, isPresent } from '../../protocol/rules/rule.ts';
import { readJson } from './read-json.ts';

/** A raw request from a Pub/Sub publisher (design §3): the JSON of one message. */
export interface PublishedRequest {
  readonly data: Uint8Array;
  /** The attribute `sender_id`, for a message that does not name its sender. */
  readonly senderId?: string;
  readonly pubsubMessageId: string;
  /** All attributes as received; a dead letter keeps them. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, by Pub/Sub's clock: the same on every delivery. */
  readonly publishedAtMs: number;
}

export type ReadRequest =
  | { readonly kind: 'request'; readonly request: DownstreamRequest }
  | { readonly kind: 'notJson'; readonly detail: string }
  | RefusedRequest;

export interface RefusedRequest {
  readonly kind: 'refused';
  /** At least one. */
  readonly errors: readonly FieldError[];
  /** The request as it came, if it is an object. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** If the request has a valid one. */
  readonly messageId?: string;
  /** If the sender is certain. */
  readonly senderId?: string;
}

/**
 * A message without an id gets one derived from Pub/Sub's, which the publisher knows from `publish()`. It is the same
 * on every delivery: a redelivery must not become a second message.
 */
export function readPublished(published: PublishedRequest, senders: readonly string[]): ReadRequest {
  const json = readJson(published.data);
  if (!json.ok) return { kind: 'notJson', detail: json.detail };
  const input = withSender(json.value, published.senderId);
  const fields = isObject(input) ? input : {};
  const parsed = parseDownstream(input, { senders, newMessageId: () => `ps-${published.pubsubMessageId}` });
  const contradiction = contradictionOf(fields, published.senderId);
  if (parsed.ok && contradiction.length === 0) return { kind: 'request', request: parsed.value };

  const errors = [...(parsed.ok ? [] : parsed.errors), ...contradiction];
  const messageId = parsed.ok ? parsed.value.message.message_id : parsed.messageId;
  const senderId = contradiction.length === 0 ? senderOf(fields, senders) : undefined;
  return {
    kind: 'refused',
    errors,
    fields,
    ...(messageId !== undefined && { messageId }),
    ...(senderId !== undefined && { senderId }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const withSender = (value: unknown, senderId: string | undefined): unknown =>
  isObject(value) && senderId !== undefined && !isPresent(value, 'sender_id')
    ? { ...value, sender_id: senderId }
    : value;

const contradictionOf = (fields: Fields, senderId: string | undefined): readonly FieldError[] =>
  senderId !== undefined && isPresent(fields, 'sender_id') && fields['sender_id'] !== senderId
    ? [{ path: 'sender_id', code: 'NOT_ALLOWED', message: 'contradicts the attribute sender_id' }]
    : [];

/** Read again, because the list of errors is limited and may not name a bad `sender_id`. */
function senderOf(fields: Fields, senders: readonly string[]): string | undefined {
  if (!isPresent(fields, 'sender_id')) return senders.length === 1 ? senders[0] : undefined;
  return senders.find((sender) => sender === fields['sender_id']);
}
