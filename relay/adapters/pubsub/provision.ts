import type { PubSub, SubscriptionMetadata, TopicMetadata } from '@google-cloud/pubsub';
import type { SubscriptionSpec, TopicSpec, Topology } from './topology.ts';

/** Something missing, or not as `topology` wants it. */
export interface Change {
  readonly action: 'create' | 'correct';
  readonly kind: 'topic' | 'subscription';
  readonly name: string;
  /** What differs; empty for `create`. */
  readonly fields: readonly string[];
  apply(): Promise<unknown>;
}

/** Pub/Sub never moves a subscription to another topic: the caller deletes it, or uses another prefix. */
export class WrongTopicError extends Error {
  readonly code = 'WRONG_TOPIC';
}

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const EMULATOR_RETENTION_SECONDS = 604_800; // the emulator allows a week at most, the service 31 days

/**
 * Creates what is missing, corrects what differs, leaves the rest alone. Safe to repeat, and to run twice at once.
 * `pubsub` must know its project.
 */
export async function provision(pubsub: PubSub, wanted: Topology): Promise<readonly Change[]> {
  const changes = await plan(pubsub, wanted);
  // topics first: subscriptions need them
  await Promise.all(changes.filter(({ kind }) => kind === 'topic').map((change) => change.apply()));
  await Promise.all(changes.filter(({ kind }) => kind === 'subscription').map((change) => change.apply()));
  return changes;
}

/** What `provision` would do now. Reads only; rejects with WrongTopicError. */
export async function plan(pubsub: PubSub, wanted: Topology): Promise<readonly Change[]> {
  const topics = await Promise.all(wanted.topics.map((spec) => planTopic(pubsub, spec)));
  const subscriptions = await Promise.all(wanted.subscriptions.map((spec) => planSubscription(pubsub, spec)));
  return [...topics, ...subscriptions].filter((change) => change !== undefined);
}

async function planTopic(pubsub: PubSub, spec: TopicSpec): Promise<Change | undefined> {
  const topic = pubsub.topic(spec.name);
  const metadata: TopicMetadata =
    spec.retentionSeconds === undefined ? {} : { messageRetentionDuration: { seconds: spec.retentionSeconds } };
  const head = { kind: 'topic', name: spec.name } as const;
  const found = await orMissing(topic.getMetadata());
  if (found === undefined) {
    return {
      ...head,
      action: 'create',
      fields: [],
      apply: () => unlessExists(pubsub.createTopic({ name: spec.name, ...metadata })),
    };
  }
  if (spec.retentionSeconds === undefined || seconds(found[0].messageRetentionDuration) === spec.retentionSeconds)
    return undefined;
  return { ...head, action: 'correct', fields: ['messageRetentionDuration'], apply: () => topic.setMetadata(metadata) };
}

async function planSubscription(pubsub: PubSub, spec: SubscriptionSpec): Promise<Change | undefined> {
  const subscription = pubsub.subscription(spec.name);
  const wanted = policies(spec, pubsub.projectId, pubsub.isEmulator);
  const head = { kind: 'subscription', name: spec.name } as const;
  const found = await orMissing(subscription.getMetadata());
  if (found === undefined) {
    const apply = () => unlessExists(pubsub.topic(spec.topic).createSubscription(spec.name, wanted));
    return { ...head, action: 'create', fields: [], apply };
  }
  const [metadata] = found;
  const topicPath = `projects/${pubsub.projectId}/topics/${spec.topic}`;
  if (metadata.topic !== topicPath) {
    throw new WrongTopicError(
      `subscription ${spec.name} belongs to ${String(metadata.topic)}, not ${topicPath}: delete it or use another prefix`,
    );
  }
  const fields = differing(metadata, wanted, pubsub.isEmulator);
  if (fields.length === 0) return undefined;
  const correction = Object.fromEntries(fields.map((field) => [field, wanted[field]]));
  return { ...head, action: 'correct', fields, apply: () => subscription.setMetadata(correction) };
}

function policies(spec: SubscriptionSpec, projectId: string, emulated: boolean) {
  const { retryBackoffSeconds: backoff, deadLetter } = spec;
  return {
    ackDeadlineSeconds: spec.ackDeadlineSeconds,
    messageRetentionDuration: {
      seconds: emulated ? Math.min(spec.retentionSeconds, EMULATOR_RETENTION_SECONDS) : spec.retentionSeconds,
    },
    expirationPolicy: {}, // present without a ttl: never expires
    pushConfig: {}, // empty: pull
    retryPolicy:
      backoff === undefined
        ? null
        : { minimumBackoff: { seconds: backoff.minimum }, maximumBackoff: { seconds: backoff.maximum } },
    deadLetterPolicy:
      deadLetter === undefined
        ? null
        : {
            deadLetterTopic: `projects/${projectId}/topics/${deadLetter.topic}`,
            maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
          },
  } satisfies SubscriptionMetadata;
}

type Policy = keyof ReturnType<typeof policies>;

type Metadata = Omit<SubscriptionMetadata, 'messageRetentionDuration' | 'pushEndpoint' | 'oidcToken'> & {
  messageRetentionDuration?: Duration;
};

function differing(found: Metadata, wanted: Metadata, emulated: boolean): Policy[] {
  const [is, should] = [comparable(found), comparable(wanted)];
  const fields = Object.keys(is) as Policy[];
  // the emulator cannot change it
  return fields.filter((field) => is[field] !== should[field] && !(emulated && field === 'expirationPolicy'));
}

/** One plain value a policy: the service answers with defaults, strings for int64 and `null` for absent. */
const comparable = (metadata: Metadata): Record<Policy, string | number | boolean> => ({
  ackDeadlineSeconds: metadata.ackDeadlineSeconds ?? 0,
  messageRetentionDuration: seconds(metadata.messageRetentionDuration),
  expirationPolicy: metadata.expirationPolicy ? seconds(metadata.expirationPolicy.ttl) : 'default',
  pushConfig: metadata.pushConfig?.pushEndpoint ?? '',
  retryPolicy: metadata.retryPolicy
    ? `${seconds(metadata.retryPolicy.minimumBackoff)}..${seconds(metadata.retryPolicy.maximumBackoff)}`
    : 'none',
  deadLetterPolicy: metadata.deadLetterPolicy
    ? `${String(metadata.deadLetterPolicy.deadLetterTopic)} ${String(metadata.deadLetterPolicy.maxDeliveryAttempts)}`
    : 'none',
});

type Duration = SubscriptionMetadata['messageRetentionDuration'] | null;
const seconds = (duration: Duration): number =>
  typeof duration === 'number' ? duration : Number(duration?.seconds ?? 0);

const hasCode = (error: unknown, code: number): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (hasCode(error, NOT_FOUND)) return undefined;
    throw error;
  }
}

async function unlessExists(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (!hasCode(error, ALREADY_EXISTS)) throw error; // another run was faster
  }
}

/**
 * The commands that let Pub/Sub forward to the dead-letter topic: its service agent publishes there and acks here, and
 * has neither right by default. Needed once a project; the emulator has no IAM.
 */
export function deadLetterGrants(projectId: string, wanted: Topology): readonly string[] {
  const forwarding = wanted.subscriptions.filter(({ deadLetter }) => deadLetter !== undefined);
  const dead = [
    ...new Set(forwarding.flatMap(({ deadLetter }) => (deadLetter === undefined ? [] : [deadLetter.topic]))),
  ];
  const grant = (what: string, role: string) =>
    `gcloud pubsub ${what} --project=${projectId} --member="$AGENT" --role=roles/pubsub.${role}`;
  return [
    `AGENT="serviceAccount:service-$(gcloud projects describe ${projectId} --format='value(projectNumber)')@gcp-sa-pubsub.iam.gserviceaccount.com"`,
    ...dead.map((topic) => grant(`topics add-iam-policy-binding ${topic}`, 'publisher')),
    ...forwarding.map(({ name }) => grant(`subscriptions add-iam-policy-binding ${name}`, 'subscriber')),
  ];
}
