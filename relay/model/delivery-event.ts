import type { DeliveryEvent } from './event.ts';
import type { MessageKey } from './ports.ts';
import type { MessageRecord, TerminalState } from './record.ts';

/** A settled message's document; a whole record will do. */
export interface Settled extends Pick<MessageRecord, 'attempts' | 'error' | 'errorDescription' | 'owner'> {
  readonly state: TerminalState;
  readonly settledAtMs: number;
}

/**
 * The event of a terminal state. A message settles once, so sender, id and state identify the fact: publishing it again
 * (a redelivery, a repeated DELETE) uses the same `ce-id`, and a consumer can drop it.
 */
export const deliveryEvent = ({ senderId, messageId }: MessageKey, settled: Settled): DeliveryEvent => ({
  id: `${senderId}/${messageId}/${settled.state}`,
  type: `fcm.message.${settled.state}`,
  senderId,
  timeMs: settled.settledAtMs,
  ...(settled.owner !== undefined && { owner: settled.owner }),
  data: {
    sender_id: senderId,
    message_id: messageId,
    state: settled.state,
    attempts: settled.attempts,
    ...(settled.error !== undefined && { error: settled.error }),
    ...(settled.errorDescription !== undefined && { error_description: settled.errorDescription }),
  },
});

export const MESSAGE_ID_CONFLICT = 'MESSAGE_ID_CONFLICT';

export interface Conflict {
  /** Keyed hash of the refused content: the same request again has the same `ce-id`. */
  readonly contentHash: string;
  readonly owner?: string | undefined;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

const CONTENT_DIGITS = 32; // of the hash: enough to tell apart everything sent under one id

/**
 * The event of a message whose id belongs to another one. It has no document, so its `ce-id` is its own: with that of a
 * terminal state, a consumer would take it for the end of the other message.
 */
export const conflictEvent = (
  { senderId, messageId }: MessageKey,
  { contentHash, owner, atMs }: Conflict,
): DeliveryEvent => ({
  id: `${senderId}/${messageId}/conflict/${contentHash.slice(0, CONTENT_DIGITS)}`,
  type: 'fcm.message.nacked',
  senderId,
  timeMs: atMs,
  ...(owner !== undefined && { owner }),
  data: {
    sender_id: senderId,
    message_id: messageId,
    state: 'nacked',
    attempts: 0,
    error: MESSAGE_ID_CONFLICT,
    error_description: 'another message already uses this message_id; it is unchanged',
  },
});
