import type { Owner } from './owner.ts';
import { canonicalContent } from '../protocol/legacy/content.ts';
import type { DownstreamRequest, Target } from '../protocol/legacy/message.ts';
import { targetOf } from '../protocol/legacy/target.ts';
import type { MessageKey } from './ports.ts';
import type { MessageRecord, RecordedTarget } from './record.ts';
import type { Hashes, KeyedHash } from './token-hash.ts';

const DAY_MS = 86_400_000;
const RETENTION_MS = 30 * DAY_MS; // how long a message can be asked about after its time_to_live

export const keyOf = ({ senderId, message }: DownstreamRequest): MessageKey => ({
  senderId,
  messageId: message.message_id,
});

/** Topic and condition in clear, tokens only as a keyed hash (design §4). */
export function recordedTarget(target: Target, hash: KeyedHash): RecordedTarget {
  switch (target.kind) {
    case 'token':
      return { kind: 'token', hash: hash(target.token) };
    case 'group':
      return { kind: 'group', hash: hash(target.key) };
    case 'topic':
      return { kind: 'topic', topic: target.topic };
    case 'condition':
      return { kind: 'condition', condition: target.condition };
  }
}

/**
 * `share` (0 … 1) spreads what one batch brought over a day: Firestore's TTL policy need not delete it all in one
 * minute.
 */
export const expireAtMs = (fromMs: number, ttlSeconds: number, share: number): number =>
  fromMs + ttlSeconds * 1_000 + RETENTION_MS + Math.floor(share * DAY_MS);

export interface RecordContext extends Hashes {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  /** When the request was handed in, if that was earlier; absent: now. Milliseconds since 1970. */
  readonly acceptedAtMs?: number;
}

/** The document of a message that is about to be queued. */
export function queuedRecord(making: RecordContext, request: DownstreamRequest, owner: Owner): MessageRecord {
  const { priority, time_to_live: timeToLiveSeconds } = request.message;
  const nowMs = making.now();
  const { acceptedAtMs = nowMs } = making;
  return {
    state: 'queued',
    target: recordedTarget(targetOf(request.message), making.hash),
    priority,
    timeToLiveSeconds,
    attempts: 0,
    owner,
    contentHash: making.hash(canonicalContent(request)),
    createdAtMs: acceptedAtMs,
    updatedAtMs: nowMs, // the sweep concludes from when it was written
    expireAtMs: expireAtMs(acceptedAtMs, timeToLiveSeconds, making.random()),
  };
}
