import type { MessageRecord, RecordedTarget } from './record.ts';

/**
 * Whether a request is a repeat of the message that has its id. Of another owner it never is: or anybody could guess
 * a message's content.
 */
export const isRepeat = (stored: MessageRecord, asked: MessageRecord): boolean =>
  stored.owner === asked.owner && sameContent(stored, asked);

/**
 * A document without a content hash was not written by this
 * relay's code; then what it does say decides, so that an honest repeat hears how the message stands, and not of a conflict.
 */
const sameContent = (stored: MessageRecord, asked: MessageRecord): boolean =>
  stored.contentHash === undefined
    ? addressed(stored) === addressed(asked)
    : stored.contentHash === asked.contentHash;

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
