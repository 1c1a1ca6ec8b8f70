import type { DownstreamMessage, Target } from './message.ts';

const TOPIC_PREFIX = '/topics/';
const MAX_TOPIC_LENGTH = 900;
/** A topic name: quoted in a condition, after `/topics/` in `to`. */
export const TOPIC_NAME = new RegExp(`^[a-zA-Z0-9\\-_.~%]{1,${MAX_TOPIC_LENGTH}}$`);

/**
 * Tokens are documented as opaque: about 160 characters today, once said to be "up to 4 KB". So any printable ASCII
 * passes, and only FCM knows which token is real (BAD_REGISTRATION). White space is refused because it is always a
 * copying mistake, a leading `/` because it is always a misspelt topic.
 */
const TOKEN = /^(?!\/)[\x21-\x7e]{1,4096}$/;

export const TARGET_FORM =
  'must be a registration token or notification key (1 to 4096 printable ASCII characters, no white space), ' +
  `or /topics/NAME, where NAME is 1 to ${MAX_TOPIC_LENGTH} of a-z A-Z 0-9 - _ . ~ %`;

export const isTopicTarget = (to: unknown): boolean => typeof to === 'string' && to.startsWith(TOPIC_PREFIX);

/** Protocol §3, `to`. */
export const isTargetForm = (to: string): boolean =>
  isTopicTarget(to) ? TOPIC_NAME.test(to.slice(TOPIC_PREFIX.length)) : TOKEN.test(to);

// Notification keys seen so far start like this and have no colon, unlike every token since 2016. GCM's old tokens look
// the same.
const isGroupLike = (to: string): boolean => to.startsWith('APA91b') && !to.includes(':');

/**
 * The addressee, for the record and for pacing (per device, per topic). `group` is a guess and only a label in the
 * record: FCM tells a notification key from a token itself, and the relay treats both alike.
 */
export function targetOf(message: Pick<DownstreamMessage, 'to' | 'condition'>): Target {
  const { to, condition } = message;
  if (condition !== undefined) return { kind: 'condition', condition };
  if (to === undefined) throw new TypeError('message without a target: it was not parsed');
  if (isTopicTarget(to)) return { kind: 'topic', topic: to.slice(TOPIC_PREFIX.length) };
  return isGroupLike(to) ? { kind: 'group', key: to } : { kind: 'token', token: to };
}
