import type { Priority } from '../../protocol/legacy/message.ts';

/**
 * The topics and subscriptions of design.md's Pub/Sub table, as data: names for those who publish and pull, policies
 * for `provision`. Push subscriptions to functions are not here: `firebase deploy` (or the functions emulator) makes
 * them.
 */
export const LANES = ['high', 'normal'] as const satisfies readonly Priority[];

export interface TopicSpec {
  readonly name: string;
  /** Set where messages must outlive a subscription that is not ours, or that somebody may delete. */
  readonly retentionSeconds?: number;
}

export interface SubscriptionSpec {
  readonly name: string;
  readonly topic: string;
  readonly ackDeadlineSeconds: number;
  readonly retentionSeconds: number;
  readonly retryBackoffSeconds?: { readonly minimum: number; readonly maximum: number };
  readonly deadLetter?: { readonly topic: string; readonly maxDeliveryAttempts: number };
}

export interface Topology {
  readonly topics: readonly TopicSpec[];
  /** Pull subscriptions; none of them expires. */
  readonly subscriptions: readonly SubscriptionSpec[];
}

const DAY_SECONDS = 86_400;
const RETENTION_SECONDS = 31 * DAY_SECONDS; // Pub/Sub's maximum; a message may live four weeks (protocol §3)
// On the topic itself: the triggers' own subscriptions keep one day only, and a subscription can be deleted: neither
// loses anything.
const TOPIC_RETENTION_SECONDS = 7 * DAY_SECONDS;
// how soon the messages of a worker that was killed come back; a live one extends its leases
const ACK_DEADLINE_SECONDS = 30;
const RETRY_BACKOFF_SECONDS = { minimum: 10, maximum: 600 }; // the maximum is Pub/Sub's
// Pub/Sub's maximum. The worker hands a lease back for every long backoff, and each hand-back counts as an attempt.
const MAX_DELIVERY_ATTEMPTS = 100;

export interface TopicNames {
  readonly requests: string;
  readonly dead: string;
  readonly deadKeep: string;
  readonly upstream: string;
  readonly deliveryEvents: string;
  lane(senderId: string, priority: Priority): string;
  laneSubscription(senderId: string, priority: Priority): string;
  /** The other way round; `undefined` for any other subscription. */
  senderOfLane(subscription: string): string | undefined;
}

/** The names of one installation. Throws a RangeError when the prefix cannot begin a Pub/Sub name. */
export function topicNames(prefix = ''): TopicNames {
  if (!/^([a-z][a-z0-9._~+%-]{0,99})?$/i.test(prefix) || /^goog/i.test(prefix)) {
    throw new RangeError(
      `RELAY_TOPIC_PREFIX "${prefix}" must be a letter, then up to 99 letters, digits or -._~+%, and not start with "goog"`,
    );
  }
  const lane = (senderId: string, priority: Priority): string => `${prefix}fcm-downstream-${senderId}-${priority}`;
  return {
    requests: `${prefix}fcm-downstream-requests`,
    dead: `${prefix}fcm-downstream-dead`,
    deadKeep: `${prefix}fcm-downstream-dead-keep`,
    upstream: `${prefix}fcm-upstream`,
    deliveryEvents: `${prefix}fcm-delivery-events`,
    lane,
    laneSubscription: (senderId, priority) => `${lane(senderId, priority)}-worker`,
    senderOfLane: (subscription) =>
      subscription.startsWith(prefix)
        ? /^fcm-downstream-(\d{1,20})-(?:high|normal)-worker$/.exec(subscription.slice(prefix.length))?.[1]
        : undefined,
  };
}

/** What must exist for these senders. Throws a RangeError on a sender id that is not a project number. */
export function topology(senderIds: readonly string[], prefix = ''): Topology {
  const wrong = senderIds.filter((id) => !/^\d{1,20}$/.test(id));
  if (wrong.length > 0)
    throw new RangeError(`invalid sender ids (must be 1 to 20 digits): ${wrong.map((id) => `"${id}"`).join(', ')}`);
  const names = topicNames(prefix);
  const lanes = [...new Set(senderIds)].flatMap((id) => LANES.map((priority) => ({ id, priority })));
  return {
    topics: [
      { name: names.dead, retentionSeconds: TOPIC_RETENTION_SECONDS },
      { name: names.requests, retentionSeconds: TOPIC_RETENTION_SECONDS },
      { name: names.upstream },
      { name: names.deliveryEvents },
      ...lanes.map(({ id, priority }) => ({ name: names.lane(id, priority) })),
    ],
    subscriptions: [
      {
        name: names.deadKeep,
        topic: names.dead,
        ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
        retentionSeconds: RETENTION_SECONDS,
      },
      ...lanes.map(({ id, priority }) => laneSubscription(names, id, priority)),
    ],
  };
}

const laneSubscription = (names: TopicNames, senderId: string, priority: Priority): SubscriptionSpec => ({
  name: names.laneSubscription(senderId, priority),
  topic: names.lane(senderId, priority),
  ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
  retentionSeconds: RETENTION_SECONDS,
  retryBackoffSeconds: RETRY_BACKOFF_SECONDS,
  deadLetter: { topic: names.dead, maxDeliveryAttempts: MAX_DELIVERY_ATTEMPTS },
});
