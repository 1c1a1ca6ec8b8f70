import type { DownstreamRequest } from '../../protocol/legacy/message.ts';
import { queuedRecord, type RecordContext } from '../../model/new-record.ts';
import type { MessageRecord, RecordedTarget } from '../../model/record.ts';

/**
 * A document without a content hash was not written by this version. The fields it has decide, so that an honest repeat
 * gets the state and not a conflict.
 */
const sameContent = (stored: MessageRecord, asked: MessageRecord): boolean =>
  stored.contentHash === undefined ? addressed(stored) === addressed(asked) : stored.contentHash === asked.contentHash;

/** The request as changed by an operator's replay, which may have set a new time to live. */
export function asReplayed(
  request: DownstreamRequest,
  { replayedToMs, timeToLiveSeconds }: MessageRecord,
): DownstreamRequest {
  if (replayedToMs === undefined) return request;
  return { ...request, message: { ...request.message, time_to_live: timeToLiveSeconds } };
}

/**
 * Whether a request repeats the message that has its id. Never for another owner: otherwise anyone could guess a
 * message's content. For a document older than the current TOKEN_HASH_KEY, the request is hashed with the previous key
 * too.
 */
export function isRepeat(making: RecordContext, request: DownstreamRequest, { stored, asked }: Compared): boolean {
  if (stored.owner === undefined || stored.owner !== asked.owner) return false;
  if (sameContent(stored, asked)) return true;
  const { previousHash: hash } = making;
  return hash !== undefined && sameContent(stored, queuedRecord({ ...making, hash }, request, 'system:queue'));
}

interface Compared {
  readonly stored: MessageRecord;
  readonly asked: MessageRecord;
}

const addressed = ({ target, priority, timeToLiveSeconds }: MessageRecord): string =>
  JSON.stringify([...named(target), priority, timeToLiveSeconds]);

function named(target: RecordedTarget): readonly string[] {
  switch (target.kind) {
    case 'token':
    case 'group':
      return [target.kind, target.hash];
    case 'topic':
      return [target.kind, target.topic];
    case 'condition':
      return [target.kind, target.condition];
  }
}
