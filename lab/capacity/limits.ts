import type { Needs } from './bill.ts';
import type { Inputs } from './inputs.ts';
import type { WindowPlan } from './plan.ts';

/**
 * A limit, and how much of it the plan uses. All are defaults of a project in a large region of Pub/Sub; most can be
 * raised.
 */
export interface LimitUse {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  readonly unit: string;
  /** The rate of messages at which it is met, upstream growing with it and all else equal. */
  readonly metAtPerSecond: number;
  readonly remedy: string;
}

/** docs/performance.md, Limits, names the source of each. */
export const LIMITS = {
  fcmPerMinute: 600_000,
  ccsConnections: 2_500,
  firestoreColdOps: 500,
  firestoreWrites: 10_000,
  pubsubPublishBytes: 4e9,
  pubsubPullBytes: 4e9,
  pubsubPushBytes: 440e6,
  functionInstances: 100,
  regionVcpus: 1_000,
} as const;

type Use = Omit<LimitUse, 'metAtPerSecond'>;

export function limitsOf(
  inputs: Inputs,
  { window, workers, functions, firestore, pubsub }: Needs & { readonly window: WindowPlan },
): readonly LimitUse[] {
  const { peakPerSecond, upstreamPerSecond, pendingLimit, windowUse } = inputs;
  // not rounded up here, so that what is computed at a small rate is true at a large one
  const connections = window.pending / (pendingLimit * windowUse);
  const workerCpus = Math.max(
    (peakPerSecond + upstreamPerSecond) / workers.perSecondByCpu,
    peakPerSecond / workers.perSecondByConnections,
  );
  const uses: readonly Use[] = [
    {
      name: 'Firestore, on the first day',
      used: firestore.writesPerSecond + firestore.readsPerSecond,
      limit: LIMITS.firestoreColdOps,
      unit: 'operations/s',
      remedy: 'ramp up, see below',
    },
    {
      name: 'Firestore, writes of a database',
      used: firestore.writesPerSecond,
      limit: LIMITS.firestoreWrites,
      unit: 'writes/s',
      remedy: 'soft, of older documentation: ask Google; a database a sender',
    },
    {
      name: 'FCM, messages of a project',
      used: peakPerSecond * 60,
      limit: LIMITS.fcmPerMinute,
      unit: 'messages/min',
      remedy: 'ask Firebase for more; stated for HTTP v1',
    },
    {
      name: 'CCS, connections of a sender',
      used: connections,
      limit: LIMITS.ccsConnections,
      unit: 'connections',
      remedy: 'more senders; 1000 to 2500 are reported',
    },
    ...(['api', 'onDownstreamRequest'] as const).map((name) => ({
      name: `${name}, maxInstances`,
      used: functions[name].needed,
      limit: LIMITS.functionInstances,
      unit: 'instances',
      remedy: 'ours: functions/index.ts',
    })),
    {
      name: 'Cloud Run, vCPUs of a region',
      used: workerCpus + functions.api.needed + functions.onDownstreamRequest.needed,
      limit: LIMITS.regionVcpus,
      unit: 'vCPUs',
      remedy: "look up the project's own",
    },
    {
      name: 'Pub/Sub, publish',
      used: pubsub.publishedBytes,
      limit: LIMITS.pubsubPublishBytes,
      unit: 'bytes/s',
      remedy: 'raise the quota',
    },
    {
      name: 'Pub/Sub, streaming pull',
      used: pubsub.pulledBytes,
      limit: LIMITS.pubsubPullBytes,
      unit: 'bytes/s',
      remedy: 'raise the quota',
    },
    {
      name: 'Pub/Sub, push',
      used: pubsub.pushedBytes,
      limit: LIMITS.pubsubPushBytes,
      unit: 'bytes/s',
      remedy: 'raise it, or hand in by HTTPS',
    },
  ];
  return uses
    .filter(({ used }) => used > 0)
    .map((use) => ({ ...use, metAtPerSecond: (peakPerSecond * use.limit) / use.used }))
    .sort((a, b) => a.metAtPerSecond - b.metAtPerSecond);
}
