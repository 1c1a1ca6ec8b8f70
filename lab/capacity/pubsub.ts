import type { Inputs } from './inputs.ts';
import type { FunctionPlan, WorkerPlan } from './plan.ts';
import type { Sizes } from './sizes.ts';
import { DAY_SECONDS } from './units.ts';

/**
 * What one kind of message takes of Pub/Sub, at a rate: the peak's for the plan, the average's for the bill. Bytes as
 * Pub/Sub bills them.
 */
export interface Flow {
  readonly name: string;
  readonly perSecond: number;
  readonly messageBytes: number;
  readonly publishedBytes: number;
  readonly delivered: 'pull' | 'push';
  readonly deliveredBytes: number;
}

export interface PubsubPlan {
  readonly flows: readonly Flow[];
  readonly publishedBytes: number;
  readonly pulledBytes: number;
  readonly pushedBytes: number;
  /** Published and delivered, of one downstream message on the average; upstream not counted. */
  readonly bytesPerMessage: number;
  /** What the topic of requests holds for its seven days, on the average (relay/adapters/pubsub/topology.ts). */
  readonly retainedBytes: number;
}

const LEAST_REQUEST_BYTES = 1_000; // Pub/Sub pricing: at least that is billed of each publish, push or pull request
// relay/adapters/batcher.ts: what comes while a request is under way goes out as one; taken to be 5 ms,
const LINGER_SECONDS = 0.005;
const MOST_IN_REQUEST = 500; // up to so many
const RETAINED_SECONDS = 7 * DAY_SECONDS;

interface Processes {
  readonly workers: WorkerPlan;
  readonly functions: FunctionPlan;
}

export function pubsubOf(inputs: Inputs, sizes: Sizes, { workers, functions }: Processes): PubsubPlan {
  const {
    peakPerSecond,
    averagePerSecond,
    batch,
    pubsubShare,
    highShare,
    deadTokenShare,
    upstreamPerSecond,
    eventSubscriptions,
  } = inputs;
  const requests = peakPerSecond * pubsubShare;
  const events = peakPerSecond * (1 + deadTokenShare);
  // How many leave in one request: those of a call, or those that come to one process while a request is under way.
  const together = (perSecond: number, processes: number, ofACall = 1): number =>
    Math.min(MOST_IN_REQUEST, Math.max(1, ofACall, (perSecond / processes) * LINGER_SECONDS));
  // Each function publishes what it took: api the calls' messages, onDownstreamRequest one a call.
  const publishers = [
    { part: 1 - pubsubShare, instances: functions.api.instances, ofACall: batch },
    { part: pubsubShare, instances: functions.onDownstreamRequest.instances, ofACall: 1 },
  ].filter(({ part }) => part > 0);
  const lane = (name: string, share: number): Flow =>
    flow(name, peakPerSecond * share, sizes.laneBytes, {
      published: publishers.map(({ part, instances, ofACall }) => ({
        part,
        inRequest: together(peakPerSecond * share * part, instances, ofACall * share),
      })),
      delivered: together(peakPerSecond * share, workers.total),
    });
  const downstream = [
    // Whoever publishes requests may do it one by one; a push brings one message.
    flow('requests', requests, sizes.requestBytes, { published: all(1), delivered: 1, by: 'push' }),
    lane('lane high', highShare),
    lane('lane normal', 1 - highShare),
    flow('delivery events', events, sizes.eventBytes, {
      published: all(together(events, workers.total)),
      delivered: 1,
      copies: eventSubscriptions,
    }),
  ];
  const upstream = flow('upstream', upstreamPerSecond, sizes.upstreamBytes, {
    published: all(together(upstreamPerSecond, workers.total)),
    delivered: 1,
    copies: eventSubscriptions,
  });
  const flows = [...downstream, upstream].filter(({ perSecond }) => perSecond > 0);
  return {
    flows,
    publishedBytes: sum(flows, ({ publishedBytes }) => publishedBytes),
    pulledBytes: sum(flows, ({ delivered, deliveredBytes }) => (delivered === 'pull' ? deliveredBytes : 0)),
    pushedBytes: sum(flows, ({ delivered, deliveredBytes }) => (delivered === 'push' ? deliveredBytes : 0)),
    bytesPerMessage:
      sum(downstream, ({ publishedBytes, deliveredBytes }) => publishedBytes + deliveredBytes) / peakPerSecond,
    retainedBytes: averagePerSecond * pubsubShare * sizes.requestBytes * RETAINED_SECONDS,
  };
}

interface Group {
  /** Of the messages, 0 … 1. */
  readonly part: number;
  /** Messages in one request. */
  readonly inRequest: number;
}

interface Grouping {
  /** Together all of them. */
  readonly published: readonly Group[];
  /** Messages in one request. */
  readonly delivered: number;
  readonly by?: 'push';
  /** Subscriptions; 1 when absent. */
  readonly copies?: number;
}

const all = (inRequest: number): readonly Group[] => [{ part: 1, inRequest }];

function flow(
  name: string,
  perSecond: number,
  messageBytes: number,
  { published, delivered, by, copies = 1 }: Grouping,
): Flow {
  const billed = (inRequest: number): number => perSecond * Math.max(messageBytes, LEAST_REQUEST_BYTES / inRequest);
  const publishedBytes = sum(published, ({ part, inRequest }) => part * billed(inRequest));
  return {
    name,
    perSecond,
    messageBytes,
    publishedBytes,
    delivered: by ?? 'pull',
    deliveredBytes: copies * billed(delivered),
  };
}

const sum = <T>(these: readonly T[], of: (one: T) => number): number =>
  these.reduce((total, one) => total + of(one), 0);
