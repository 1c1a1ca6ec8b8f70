import { MEASURED } from './measured.ts';
import { PRICES } from './prices.ts';

/** An input of the plan: its option on the command line, its default, what it may be, what it says. */
export interface InputSpec {
  readonly option: string;
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
  readonly says: string;
}

const share = { least: 0, most: 1 } as const;
const count = { least: 0, most: 1_000_000, whole: true } as const;
const micros = { least: 0.01, most: 1_000_000 } as const;

const LOAD = {
  latencyMs: {
    option: 'latency',
    fallback: 80,
    least: 0.1,
    most: 60_000,
    says: 'CCS latency, ms from a send to its answer',
  },
  storeMs: {
    option: 'store',
    fallback: 20,
    least: 0,
    most: 60_000,
    says: 'ms until the answer is stored: it keeps its place in the window so long',
  },
  highShare: { option: 'high', fallback: 0.1, ...share, says: 'share of the messages with high priority' },
  upstreamPerSecond: {
    option: 'upstream',
    fallback: 0,
    least: 0,
    most: 10_000_000,
    says: 'upstream messages/s from devices, at the peak',
  },
  batch: { option: 'batch', fallback: 500, least: 1, most: 500, whole: true, says: 'messages in an HTTPS call' },
  pubsubShare: {
    option: 'by-pubsub',
    fallback: 0,
    ...share,
    says: 'share that comes by fcm-downstream-requests, one function call each',
  },
  slowShare: {
    option: 'slow',
    fallback: 0.01,
    ...share,
    says: 'share with a third write: answered after 1 s, or sent again',
  },
  deadTokenShare: {
    option: 'dead-tokens',
    fallback: 0.01,
    ...share,
    says: 'share whose token died or was replaced: one write and one event more',
  },
  readsPerMessage: {
    option: 'reads',
    fallback: 0,
    least: 0,
    most: 1_000,
    says: "reads of a message's document by you: GET, or an app that listens",
  },
  eventSubscriptions: {
    option: 'event-subscriptions',
    fallback: 1,
    ...count,
    says: 'subscriptions to fcm-delivery-events, and to fcm-upstream',
  },
  payloadBytes: {
    option: 'payload',
    fallback: 200,
    least: 0,
    most: 4_096,
    whole: true,
    says: 'bytes of data in a message',
  },
  ttlDays: {
    option: 'ttl-days',
    fallback: 28,
    least: 0,
    most: 28,
    says: 'time_to_live, days: a document is kept for 30 days after it',
  },
} as const satisfies Readonly<Record<string, InputSpec>>;

const MACHINE = {
  workerMicros: { option: 'worker-us', fallback: MEASURED.worker.micros, ...micros, says: 'CPU µs a message, worker' },
  functionBatchMicros: {
    option: 'function-batch-us',
    fallback: MEASURED.functionBatch.micros,
    ...micros,
    says: 'CPU µs a message, function, in calls of 500',
  },
  functionSingleMicros: {
    option: 'function-single-us',
    fallback: MEASURED.functionSingle.micros,
    ...micros,
    says: 'CPU µs a message, function, one a call',
  },
  cpuUse: {
    option: 'cpu-use',
    fallback: 0.6,
    least: 0.01,
    most: 1,
    says: 'how much of a vCPU is planned with; the rest is headroom',
  },
  pendingLimit: { option: 'pending', fallback: 100, least: 1, most: 100, whole: true, says: 'FCM_PENDING_LIMIT' },
  windowUse: {
    option: 'window-use',
    fallback: 0.8,
    least: 0.01,
    most: 1,
    says: 'how much of the pending window is planned with',
  },
  connectionsPerWorker: {
    option: 'connections-per-worker',
    fallback: 16,
    least: 1,
    most: 1_000,
    whole: true,
    says: 'FCM_CONNECTIONS at most',
  },
  spareWorkers: {
    option: 'spare',
    fallback: 1,
    ...count,
    says: 'workers beyond what is needed: one may die or be replaced',
  },
  workerGib: { option: 'worker-gib', fallback: 1, least: 0.125, most: 32, says: "a worker's memory" },
  callMs: {
    option: 'call-ms',
    fallback: 100,
    least: 0.1,
    most: 120_000,
    says: 'ms a function call takes, most of it waiting. An assumption',
  },
  concurrency: {
    option: 'concurrency',
    fallback: 80,
    least: 1,
    most: 1_000,
    whole: true,
    says: "a function instance's calls at once (functions/index.ts)",
  },
  functionGib: {
    option: 'function-gib',
    fallback: 0.5,
    least: 0.125,
    most: 32,
    says: "a function instance's memory (functions/index.ts)",
  },
  logBytesPerCall: {
    option: 'log-bytes',
    fallback: 1_500,
    least: 0,
    most: 100_000,
    says: "log bytes a function call: our line and Cloud Run's. An assumption",
  },
} as const satisfies Readonly<Record<string, InputSpec>>;

type PriceInputs = { readonly [K in keyof typeof PRICES]: InputSpec };
const PRICE_INPUTS = Object.fromEntries(
  Object.entries(PRICES).map(([key, { option, usd, per }]) => [
    key,
    { option, fallback: usd, least: 0, most: 1_000_000, says: `USD per ${per}` },
  ]),
) as PriceInputs;

export const GROUPS = {
  load: LOAD,
  machine: MACHINE,
  'prices (see docs/performance.md for where each is from)': PRICE_INPUTS,
} as const;
export const INPUTS = { ...LOAD, ...MACHINE, ...PRICE_INPUTS } as const;

export type Settings = { readonly [K in keyof typeof INPUTS]: number };

/** Messages a second. What must be there is sized by the peak; what is paid per message is counted by the average. */
export interface Traffic {
  readonly peakPerSecond: number;
  readonly averagePerSecond: number;
}

export interface Inputs extends Settings, Traffic {}

export const DEFAULT_SETTINGS = Object.fromEntries(
  Object.entries(INPUTS).map(([key, { fallback }]) => [key, fallback]),
) as Settings;
