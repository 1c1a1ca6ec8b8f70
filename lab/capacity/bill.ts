import type { Inputs } from './inputs.ts';
import type { FirestorePlan, FunctionPlan, WorkerPlan } from './plan.ts';
import type { PubsubPlan } from './pubsub.ts';
import type { Sizes } from './sizes.ts';
import { GIB, MONTH_SECONDS, TIB } from './units.ts';

/**
 * A month of 30 days, after the first two (when as many documents leave as come). Free tiers are left out: they are a
 * few dollars.
 */
export interface BillLine {
  readonly item: string;
  /** In `unit`s, a month. */
  readonly quantity: number;
  readonly unit: string;
  readonly unitUsd: number;
  readonly usd: number;
}

export interface Needs {
  readonly workers: WorkerPlan;
  readonly functions: FunctionPlan;
  readonly firestore: FirestorePlan;
  readonly pubsub: PubsubPlan;
}

/**
 * `pubsub` is to be that of the average rate, everything else that of the peak: what is paid by the message comes at
 * the average.
 */
export function billOf(
  inputs: Inputs,
  sizes: Sizes,
  { workers, functions, firestore, pubsub }: Needs,
): readonly BillLine[] {
  const messages = inputs.averagePerSecond * MONTH_SECONDS;
  const upstream = inputs.upstreamPerSecond * (inputs.averagePerSecond / inputs.peakPerSecond) * MONTH_SECONDS;
  const upstreamFlow = pubsub.flows.find(({ name }) => name === 'upstream');
  const upstreamBytes =
    upstreamFlow === undefined
      ? 0
      : (upstreamFlow.publishedBytes + upstreamFlow.deliveredBytes) / upstreamFlow.perSecond;
  const calls = (functions.callsPerSecond / inputs.peakPerSecond) * messages;
  const workerSeconds = workers.total * MONTH_SECONDS;
  const functionSeconds = functions.paidInstances * MONTH_SECONDS;
  return [
    line('Firestore writes', (messages * firestore.writesPerMessage) / 1e5, '100 000', inputs.usdPer100kWrites),
    line('Firestore reads', (messages * firestore.readsPerMessage) / 1e5, '100 000', inputs.usdPer100kReads),
    line('Firestore deletes (TTL)', messages / 1e5, '100 000', inputs.usdPer100kDeletes),
    line('Firestore storage', firestore.storedGib, 'GiB', inputs.usdPerStoredGib),
    line(
      'Pub/Sub throughput',
      (messages * pubsub.bytesPerMessage + upstream * upstreamBytes) / TIB,
      'TiB',
      inputs.usdPerPubsubTib,
    ),
    line('Pub/Sub, retained requests', pubsub.retainedBytes / GIB, 'GiB', inputs.usdPerRetainedGib),
    line('Workers, vCPU', workerSeconds, 'vCPU-s', inputs.usdPerWorkerVcpuSecond),
    line('Workers, memory', workerSeconds * inputs.workerGib, 'GiB-s', inputs.usdPerWorkerGibSecond),
    line('Functions, vCPU', functionSeconds, 'vCPU-s', inputs.usdPerFunctionVcpuSecond),
    line('Functions, memory', functionSeconds * inputs.functionGib, 'GiB-s', inputs.usdPerFunctionGibSecond),
    line('Functions, calls', calls / 1e6, 'million', inputs.usdPerMillionCalls),
    line('Logs', (calls * inputs.logBytesPerCall) / GIB, 'GiB', inputs.usdPerLogGib),
    line('Network to CCS', (messages * sizes.ccsBytes) / GIB, 'GiB', inputs.usdPerEgressGib),
  ];
}

const line = (item: string, quantity: number, unit: string, unitUsd: number): BillLine => ({
  item,
  quantity,
  unit,
  unitUsd,
  usd: quantity * unitUsd,
});

export const totalUsd = (bill: readonly BillLine[]): number => bill.reduce((sum, { usd }) => sum + usd, 0);
