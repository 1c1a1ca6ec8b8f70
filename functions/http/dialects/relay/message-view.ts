import type { MessageKey } from '../../../../relay/model/ports.ts';
import type { MessageRecord } from '../../../../relay/model/record.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** A message's document under its Firestore field names (design §4); times in ISO 8601. */
export const viewOf = ({ senderId, messageId }: MessageKey, record: MessageRecord): object => ({
  message_id: messageId,
  sender_id: senderId,
  state: record.state,
  target: record.target,
  priority: record.priority,
  time_to_live: record.timeToLiveSeconds,
  attempts: record.attempts,
  error: record.error, // JSON omits `undefined`
  error_description: record.errorDescription,
  owner: record.owner,
  created_at: iso(record.createdAtMs),
  updated_at: iso(record.updatedAtMs),
  cancel_requested_at: record.cancelRequestedAtMs === undefined ? undefined : iso(record.cancelRequestedAtMs),
  settled_at: record.settledAtMs === undefined ? undefined : iso(record.settledAtMs),
  expire_at: iso(record.expireAtMs),
});
