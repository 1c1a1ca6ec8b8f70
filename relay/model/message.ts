import { canonicalContent } from '../protocol/legacy/content.ts';
import type { DownstreamMessage, DownstreamRequest, Priority } from '../protocol/legacy/message.ts';
import { isTopicTarget } from '../protocol/legacy/target.ts';
import type { QueuedMessage } from '../protocol/queue/queued.ts';
import { queuedRecord, type RecordContext } from './new-record.ts';
import type { Owner } from './owner.ts';
import type { MessageRecord } from './record.ts';

/** What FCM is given, in the form that it was handed in. Only a transport and this file look inside. */
export interface Content {
  readonly format: 'legacy';
  readonly message: DownstreamMessage;
}

/** A message that has been accepted, as far as its delivery depends on it. */
export interface Message {
  readonly senderId: string;
  readonly messageId: string;
  /** What FCM's rate limits apply to: a device, a topic, or a condition as it is written. */
  readonly target: string;
  readonly priority: Priority;
  /** 0 … 2 419 200, from `acceptedAtMs`. */
  readonly ttlSeconds: number;
  /** Milliseconds since 1970. */
  readonly acceptedAtMs: number;
  readonly owner: string | undefined;
  /** It was queued before, and may have been sent. */
  readonly repeated: boolean;
  readonly content: Content;
}

export function messageOf({ senderId, acceptedAtMs, owner, message, repeated }: QueuedMessage): Message {
  const { message_id: messageId, to = '', condition, priority, time_to_live: ttlSeconds } = message;
  return {
    senderId,
    messageId,
    target: condition ?? to,
    priority,
    ttlSeconds,
    acceptedAtMs,
    owner,
    repeated: repeated === true,
    content: { format: 'legacy', message },
  };
}

/** The registration token or group key that it is addressed to; `undefined` for topics and conditions. */
export function tokenOf({ content: { message } }: Message): string | undefined {
  const { to } = message;
  return to === undefined || isTopicTarget(to) ? undefined : to;
}

/** What the content hash is made of. Contains the payload: hash it, keep it nowhere. */
export const contentText = (message: Message): string => canonicalContent(requestOf(message));

/** The document of a message that has none. */
export const documentOf = (context: RecordContext, message: Message, owner: Owner): MessageRecord =>
  queuedRecord(context, requestOf(message), owner);

const requestOf = ({ senderId, content: { message } }: Message): DownstreamRequest => ({ senderId, message });
