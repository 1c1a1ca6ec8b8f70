import { expireAtMs } from '../../relay/model/new-record.ts';
import { COST_BATCH } from './costs.ts';
import { DAY_SECONDS, GIB, type Inputs } from './inputs.ts';
import { pubsubOf } from './pubsub.ts';
import type { Sizes } from './sizes.ts';

/** What a load needs. docs/capacity.md explains each formula. Rates are per second, at the peak. */
export type Needs = ReturnType<typeof needsOf>;

export function needsOf(inputs: Inputs, sizes: Sizes) {
  const window = windowOf(inputs);
  const workers = workersOf(inputs, window.connections);
  const pubsubAt = (rates: Inputs) => {
    const { api, onDownstreamRequest } = functionsOf(rates);
    const instances = { api: api.instances, onDownstreamRequest: onDownstreamRequest.instances };
    return pubsubOf(rates, sizes, { workers: workers.total, ...instances });
  };
  return {
    window,
    workers,
    functions: functionsOf(inputs),
    firestore: firestoreOf(inputs, sizes),
    pubsub: pubsubAt(inputs),
    /** Messages go out in smaller groups than at the peak, so each costs more. */
    pubsubAtAverage: pubsubAt(atAverage(inputs)),
  };
}

const atAverage = (inputs: Inputs): Inputs => ({
  ...inputs,
  peakPerSecond: inputs.averagePerSecond,
  upstreamPerSecond: inputs.upstreamPerSecond * (inputs.averagePerSecond / inputs.peakPerSecond),
});

const ceil = (value: number): number => Math.ceil(value - 1e-9); // 0.6 × 5 is 3.0000000000000004

/** Little's law. An answer keeps its slot in the window until it is stored (docs/decisions.md). */
function windowOf({ peakPerSecond, latencyMs, storeMs, pendingLimit, windowUse }: Inputs) {
  const pending = (peakPerSecond * (latencyMs + storeMs)) / 1_000;
  return { pending, connections: Math.max(1, ceil(pending / (pendingLimit * windowUse))) };
}

function workersOf(inputs: Inputs, connections: number) {
  const { peakPerSecond, upstreamPerSecond, cpuUse, workerMicros, connectionsPerWorker } = inputs;
  /** What one worker on one vCPU carries. */
  const perSecondByCpu = (1e6 * cpuUse) / workerMicros;
  const perSecondByConnections =
    (connectionsPerWorker * inputs.pendingLimit * inputs.windowUse * 1_000) / (inputs.latencyMs + inputs.storeMs);
  // an upstream message is taken to cost as much as a downstream one
  const byCpu = Math.max(1, ceil((peakPerSecond + upstreamPerSecond) / perSecondByCpu));
  const byConnections = ceil(connections / connectionsPerWorker);
  const needed = Math.max(byCpu, byConnections);
  return {
    byCpu,
    byConnections,
    perSecondByCpu,
    perSecondByConnections,
    total: needed + inputs.spareWorkers,
    connectionsEach: ceil(connections / needed),
  };
}

/** CPU time per message in calls of `batch`: a cost per call and a cost per message, from the two measured points. */
export function functionMicros({ functionSingleMicros, functionBatchMicros }: Inputs, batch: number): number {
  const perCall = (functionSingleMicros - functionBatchMicros) / (1 - 1 / COST_BATCH);
  return functionSingleMicros - perCall + perCall / batch;
}

/** A function's share of the messages, and how many come in one of its calls. */
interface Calls {
  readonly share: number;
  readonly batch: number;
}

function functionsOf(inputs: Inputs) {
  const { peakPerSecond, pubsubShare } = inputs;
  const byHttps: Calls = { share: 1 - pubsubShare, batch: inputs.batch };
  const byPubsub: Calls = { share: pubsubShare, batch: 1 };
  const microsOf = ({ share, batch }: Calls): number => share * functionMicros(inputs, batch);
  const [api, onDownstreamRequest] = [instancesOf(inputs, byHttps), instancesOf(inputs, byPubsub)];
  return {
    callsPerSecond: peakPerSecond * (byHttps.share / byHttps.batch + byPubsub.share),
    /** vCPUs at work. */
    cpu: (peakPerSecond * (microsOf(byHttps) + microsOf(byPubsub))) / 1e6,
    // each function has its own instances, and its own limit
    api,
    onDownstreamRequest,
    instances: api.instances + onDownstreamRequest.instances,
    paidInstances: api.paidInstances + onDownstreamRequest.paidInstances,
  };
}

function instancesOf(inputs: Inputs, { share, batch }: Calls) {
  const { peakPerSecond, averagePerSecond, cpuUse, callMs, concurrency } = inputs;
  const inFlightAt = (rate: number): number => (((rate * share) / batch) * callMs) / 1_000;
  const neededAt = (rate: number): number =>
    Math.max((rate * share * functionMicros(inputs, batch)) / 1e6 / cpuUse, inFlightAt(rate) / concurrency);
  /** A fraction: `instances` is rounded up. */
  const needed = neededAt(peakPerSecond);
  return {
    needed,
    instances: share === 0 ? 0 : Math.max(1, ceil(needed)),
    /** An instance is paid while it serves a call. Calls come at random, so some of the time there is none. */
    paidInstances: Math.max(neededAt(averagePerSecond), 1 - Math.exp(-inFlightAt(averagePerSecond))),
  };
}

function firestoreOf(inputs: Inputs, { documentBytes, indexBytes }: Sizes) {
  const { peakPerSecond, averagePerSecond } = inputs;
  const writesPerMessage = 2 + inputs.slowShare + inputs.deadTokenShare; // accepted and settled, a third for some
  const readsPerMessage = 1 + inputs.readsPerMessage; // before the send
  const retentionDays = expireAtMs(0, inputs.ttlDays * DAY_SECONDS, 0.5) / 1_000 / DAY_SECONDS;
  const documents = averagePerSecond * DAY_SECONDS * retentionDays;
  const bytesPerMessage = documentBytes + indexBytes;
  return {
    writesPerMessage,
    readsPerMessage,
    writesPerSecond: peakPerSecond * writesPerMessage,
    readsPerSecond: peakPerSecond * readsPerMessage,
    deletesPerSecond: averagePerSecond, // the TTL policy's, of what came two months ago
    retentionDays,
    documents,
    bytesPerMessage,
    storedGib: (documents * bytesPerMessage) / GIB,
  };
}
