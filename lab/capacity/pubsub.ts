import { DAY_SECONDS, type Inputs } from './inputs.ts';
import type { Sizes } from './sizes.ts';

/** One kind of Pub/Sub message. Bytes as Pub/Sub bills them, per second. */
export interface Flow {
  readonly name: string;
  readonly perSecond: number;
  readonly messageBytes: number;
  readonly publishedBytes: number;
  readonly deliveredBytes: number;
}

/** Processes at work, over which the messages spread. */
export interface Processes {
  readonly workers: number;
  readonly api: number;
  readonly onDownstreamRequest: number;
}

/** The part (0 … 1) of a flow that is published at a given number of messages a request. */
interface Group {
  readonly part: number;
  readonly inRequest: number;
}

const LEAST_REQUEST_BYTES = 1_000; // Pub/Sub pricing: the least that a publish, push or pull request is billed
const MOST_IN_REQUEST = 500;
/** relay/adapters/batcher.ts publishes together what arrives while a request is under way: taken to be 5 ms. */
const REQUEST_SECONDS = 0.005;
const RETAINED_SECONDS = 7 * DAY_SECONDS; // relay/adapters/pubsub/topology.ts: the topic of requests keeps a week

const grouped = (perSecond: number, processes: number, ofACall = 1): number =>
  Math.min(MOST_IN_REQUEST, Math.max(1, ofACall, (perSecond / processes) * REQUEST_SECONDS));

const billed = (perSecond: number, messageBytes: number, inRequest: number): number =>
  perSecond * Math.max(messageBytes, LEAST_REQUEST_BYTES / inRequest);

export const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

/** At the peak rate of `inputs`. */
export function pubsubOf(inputs: Inputs, sizes: Sizes, { workers, api, onDownstreamRequest }: Processes) {
  const { peakPerSecond, pubsubShare, upstreamPerSecond, eventSubscriptions } = inputs;

  const lane = (name: string, share: number): Flow => {
    const [perSecond, messageBytes] = [peakPerSecond * share, sizes.laneBytes];
    const groups: readonly Group[] = [
      { part: 1 - pubsubShare, inRequest: grouped(perSecond * (1 - pubsubShare), api, inputs.batch * share) },
      { part: pubsubShare, inRequest: grouped(perSecond * pubsubShare, onDownstreamRequest) },
    ].filter(({ part }) => part > 0);
    return {
      name,
      perSecond,
      messageBytes,
      publishedBytes: sum(groups, ({ part, inRequest }) => part * billed(perSecond, messageBytes, inRequest)),
      deliveredBytes: billed(perSecond, messageBytes, grouped(perSecond, workers)),
    };
  };
  // the dearest case: consumers pull one at a time
  const events = (name: string, perSecond: number, messageBytes: number): Flow => ({
    name,
    perSecond,
    messageBytes,
    publishedBytes: billed(perSecond, messageBytes, grouped(perSecond, workers)),
    deliveredBytes: eventSubscriptions * billed(perSecond, messageBytes, 1),
  });
  const requests = billed(peakPerSecond * pubsubShare, sizes.requestBytes, 1);

  const downstream: readonly Flow[] = [
    {
      name: 'requests',
      perSecond: peakPerSecond * pubsubShare,
      messageBytes: sizes.requestBytes,
      publishedBytes: requests,
      deliveredBytes: requests,
    },
    lane('lane high', inputs.highShare),
    lane('lane normal', 1 - inputs.highShare),
    events('delivery events', peakPerSecond * (1 + inputs.deadTokenShare), sizes.eventBytes),
  ];
  const upstream = events('upstream', upstreamPerSecond, sizes.upstreamBytes);
  return {
    flows: [...downstream, upstream].filter(({ perSecond }) => perSecond > 0),
    /** Published and delivered. */
    downstreamBytes: sum(downstream, ({ publishedBytes, deliveredBytes }) => publishedBytes + deliveredBytes),
    upstreamBytes: upstream.publishedBytes + upstream.deliveredBytes,
    retainedBytes: inputs.averagePerSecond * pubsubShare * sizes.requestBytes * RETAINED_SECONDS,
  };
}
