import { expireAtMs } from '../../relay/model/new-record.ts';
import { billOf, totalUsd, type BillLine } from './bill.ts';
import type { Inputs } from './inputs.ts';
import { MEASURED_BATCH } from './measured.ts';
import { pubsubOf, type PubsubPlan } from './pubsub.ts';
import { limitsOf, type LimitUse } from './limits.ts';
import { rampOf, type Ramp } from './ramp.ts';
import type { Sizes } from './sizes.ts';
import { DAY_SECONDS, GIB, MONTH_SECONDS } from './units.ts';

/**
 * What a load takes. A pure function of its inputs; docs/performance.md explains each step. Rates are per second, at
 * the peak.
 */
export interface Plan {
  readonly window: WindowPlan;
  readonly workers: WorkerPlan;
  readonly functions: FunctionPlan;
  readonly firestore: FirestorePlan;
  readonly pubsub: PubsubPlan;
  readonly bill: readonly BillLine[];
  readonly usdPerMonth: number;
  readonly usdPerMillion: number;
  /** In the order in which a growing rate meets them. */
  readonly limits: readonly LimitUse[];
  readonly ramp: Ramp;
}

export interface WindowPlan {
  /** Places taken at once, by Little's law: rate × (latency + time to store). */
  readonly pending: number;
  readonly connections: number;
}

export interface WorkerPlan {
  readonly byCpu: number;
  readonly byConnections: number;
  /** The larger of the two, and the spare ones. */
  readonly total: number;
  readonly connectionsEach: number;
  /** What one worker on one vCPU carries, with the headroom asked for. */
  readonly perSecondByCpu: number;
  readonly perSecondByConnections: number;
}

export interface FunctionPlan {
  readonly callsPerSecond: number;
  /** vCPUs at work. */
  readonly cpu: number;
  /** Each function has instances of its own, and a limit of its own. */
  readonly api: InstancesPlan;
  readonly onDownstreamRequest: InstancesPlan;
  /** Of both. */
  readonly instances: number;
  readonly paidInstances: number;
}

export interface InstancesPlan {
  /** Not yet whole. */
  readonly needed: number;
  readonly instances: number;
  /** Instances that are paid, on the average: one counts while it serves at least one call. */
  readonly paidInstances: number;
}

export interface FirestorePlan {
  readonly writesPerMessage: number;
  readonly readsPerMessage: number;
  readonly writesPerSecond: number;
  readonly readsPerSecond: number;
  readonly deletesPerSecond: number;
  readonly retentionDays: number;
  readonly documents: number;
  readonly bytesPerMessage: number;
  readonly storedGib: number;
}

export function planOf(inputs: Inputs, sizes: Sizes): Plan {
  const window = windowOf(inputs);
  const workers = workersOf(inputs, window);
  const functions = functionsOf(inputs);
  const firestore = firestoreOf(inputs, sizes);
  const pubsub = pubsubOf(inputs, sizes, { workers, functions });
  const needs = { workers, functions, firestore, pubsub };
  const bill = billOf(inputs, sizes, {
    ...needs,
    pubsub: pubsubOf(atAverage(inputs), sizes, { workers, functions: functionsOf(atAverage(inputs)) }),
  });
  const usdPerMonth = totalUsd(bill);
  return {
    window,
    ...needs,
    bill,
    usdPerMonth,
    usdPerMillion: (usdPerMonth / (inputs.averagePerSecond * MONTH_SECONDS)) * 1e6,
    limits: limitsOf(inputs, { window, ...needs }),
    ramp: rampOf(inputs.peakPerSecond, firestore.writesPerMessage + firestore.readsPerMessage),
  };
}

/**
 * The same load at its average rate. Its messages go out in smaller groups, so each costs more of Pub/Sub than at the
 * peak.
 */
const atAverage = (inputs: Inputs): Inputs => ({
  ...inputs,
  peakPerSecond: inputs.averagePerSecond,
  upstreamPerSecond: inputs.upstreamPerSecond * (inputs.averagePerSecond / inputs.peakPerSecond),
});

const ceil = (value: number): number => Math.ceil(value - 1e-9); // 0.6 × 5 is 3.0000000000000004

/** An answer keeps its place in the window until it is stored (ARCHITECTURE.md, Decisions). */
function windowOf({ peakPerSecond, latencyMs, storeMs, pendingLimit, windowUse }: Inputs): WindowPlan {
  const pending = (peakPerSecond * (latencyMs + storeMs)) / 1_000;
  return { pending, connections: Math.max(1, ceil(pending / (pendingLimit * windowUse))) };
}

function workersOf(inputs: Inputs, { connections }: WindowPlan): WorkerPlan {
  const {
    peakPerSecond,
    upstreamPerSecond,
    workerMicros,
    cpuUse,
    connectionsPerWorker,
    spareWorkers,
    pendingLimit,
    windowUse,
    latencyMs,
    storeMs,
  } = inputs;
  const perSecondByCpu = (1e6 * cpuUse) / workerMicros;
  // an upstream message is taken to cost as much
  const byCpu = Math.max(1, ceil((peakPerSecond + upstreamPerSecond) / perSecondByCpu));
  const byConnections = ceil(connections / connectionsPerWorker);
  const needed = Math.max(byCpu, byConnections);
  return {
    byCpu,
    byConnections,
    perSecondByCpu,
    total: needed + spareWorkers,
    connectionsEach: ceil(connections / needed),
    perSecondByConnections: (connectionsPerWorker * pendingLimit * windowUse * 1_000) / (latencyMs + storeMs),
  };
}

/** A call costs something, and each message in it: the two measured points make the line. */
export function functionMicros({ functionSingleMicros, functionBatchMicros }: Inputs, batch: number): number {
  // options.ts refuses less than 0
  const perCall = (functionSingleMicros - functionBatchMicros) / (1 - 1 / MEASURED_BATCH);
  return functionSingleMicros - perCall + perCall / batch;
}

function functionsOf(inputs: Inputs): FunctionPlan {
  const { peakPerSecond, batch, pubsubShare } = inputs;
  const [byHttps, byPubsub] = [
    { share: 1 - pubsubShare, batch },
    { share: pubsubShare, batch: 1 },
  ];
  const cpuPerMessage = byHttps.share * functionMicros(inputs, batch) + byPubsub.share * functionMicros(inputs, 1);
  const [api, onDownstreamRequest] = [instancesOf(inputs, byHttps), instancesOf(inputs, byPubsub)];
  return {
    callsPerSecond: peakPerSecond * (byHttps.share / batch + byPubsub.share),
    cpu: (peakPerSecond * cpuPerMessage) / 1e6,
    api,
    onDownstreamRequest,
    instances: api.instances + onDownstreamRequest.instances,
    paidInstances: api.paidInstances + onDownstreamRequest.paidInstances,
  };
}

/** Of one function, which has a share of the messages, so many in a call. */
function instancesOf(
  inputs: Inputs,
  { share, batch }: { readonly share: number; readonly batch: number },
): InstancesPlan {
  const { peakPerSecond, averagePerSecond, cpuUse, callMs, concurrency } = inputs;
  const inFlightAt = (rate: number): number => (((rate * share) / batch) * callMs) / 1_000;
  const neededAt = (rate: number): number =>
    Math.max((rate * share * functionMicros(inputs, batch)) / 1e6 / cpuUse, inFlightAt(rate) / concurrency);
  const needed = neededAt(peakPerSecond);
  return {
    needed,
    instances: share === 0 ? 0 : Math.max(1, ceil(needed)),
    // calls come at random: some time there is none
    paidInstances: Math.max(neededAt(averagePerSecond), 1 - Math.exp(-inFlightAt(averagePerSecond))),
  };
}

/**
 * Two writes a message (accepted, settled), a third for some; one read before the send; one delete by the TTL policy
 * (design.md, Firestore).
 */
function firestoreOf(inputs: Inputs, { documentBytes, indexBytes }: Sizes): FirestorePlan {
  const { peakPerSecond, averagePerSecond, slowShare, deadTokenShare, readsPerMessage: furtherReads, ttlDays } = inputs;
  const writesPerMessage = 2 + slowShare + deadTokenShare;
  const readsPerMessage = 1 + furtherReads;
  const retentionDays = expireAtMs(0, ttlDays * DAY_SECONDS, 0.5) / 1_000 / DAY_SECONDS;
  const documents = averagePerSecond * DAY_SECONDS * retentionDays;
  const bytesPerMessage = documentBytes + indexBytes;
  return {
    writesPerMessage,
    readsPerMessage,
    retentionDays,
    documents,
    bytesPerMessage,
    writesPerSecond: peakPerSecond * writesPerMessage,
    readsPerSecond: peakPerSecond * readsPerMessage,
    deletesPerSecond: averagePerSecond, // of what came two months before
    storedGib: (documents * bytesPerMessage) / GIB,
  };
}
