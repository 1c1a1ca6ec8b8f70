import type { Priority } from '../../protocol/legacy/message.ts';

/**
 * The topics and subscriptions of design §3 as data: names for publishers and pullers, policies for `provision`. Push
 * subscriptions to functions are not included: `firebase deploy` (or the functions emulator) creates them.
 */
export const LANES = ['high', 'normal'] as const satisfies readonly Priority[];

export interface TopicSpec {
  readonly name: string;
  /** Set where messages must outlive a subscription that is not ours, or that someone may delete. */
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
  /** Pull subscriptions; none expires. */
  readonly subscriptions: readonly SubscriptionSpec[];
}

const DAY_SECONDS = 86_400;
const RETENTION_SECONDS = 31 * DAY_SECONDS; // Pub/Sub's maximum; a message may live four weeks (protocol §3)
// On the topic: the triggers' own subscriptions retain one day only, and any subscription can be deleted.
const TOPIC_RETENTION_SECONDS = 7 * DAY_SECONDS;
// How soon a killed worker's messages come back; a live one extends its leases.
const ACK_DEADLINE_SECONDS = 30;
const RETRY_BACKOFF_SECONDS = { minimum: 10, maximum: 600 }; // the maximum is Pub/Sub's
// Pub/Sub's maximum. The worker hands a message back for every long delay, and each hand-back counts as an attempt.
const MAX_DELIVERY_ATTEMPTS = 100;

export interface TopicNames {
  readonly requests: string;
  readonly dead: string;
  readonly deadKeep: string;
  readonly upstream: string;
  readonly deliveryEvents: string;
  lane(senderId: string, priority: Priority): string;
  laneSubscription(senderId: string, priority: Priority): string;
  /** The reverse; `undefined` for any other subscription. */
  senderOfLane(subscription: string): string | undefined;
}

/** The names of one installation. Throws a RangeError if the prefix is invalid. */
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

/** What these senders need. Throws a RangeError on a sender id that is not a project number. */
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
