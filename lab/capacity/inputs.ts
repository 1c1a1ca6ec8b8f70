import { COSTS } from './costs.ts';

export const DAY_SECONDS = 86_400;
export const MONTH_SECONDS = 30 * DAY_SECONDS;
export const GIB = 1024 ** 3;
export const TIB = 1024 * GIB;

type Range = readonly [least: number, most: number];

/** An input with an option on the command line. */
export interface InputSpec {
  readonly option: string;
  readonly fallback: number;
  readonly range: Range;
  readonly whole?: true;
  readonly says: string;
}

const SHARE: Range = [0, 1];

/** What differs from one load, or one deployment, to the next. */
export const INPUTS = {
  latencyMs: { option: 'latency', fallback: 80, range: [0.1, 60_000], says: 'ms from a send to the answer of CCS' },
  storeMs: { option: 'store', fallback: 20, range: [0, 60_000], says: 'ms to store an answer, which frees its slot' },
  upstreamPerSecond: { option: 'upstream', fallback: 0, range: [0, 1e7], says: 'upstream messages/s at the peak' },
  batch: { option: 'batch', fallback: 500, range: [1, 500], whole: true, says: 'messages per HTTPS call' },
  pubsubShare: { option: 'by-pubsub', fallback: 0, range: SHARE, says: 'share sent through fcm-downstream-requests' },
  readsPerMessage: { option: 'reads', fallback: 0, range: [0, 1_000], says: 'reads of each document by your own code' },
  eventSubscriptions: {
    option: 'event-subscriptions',
    fallback: 1,
    range: [0, 1e6],
    whole: true,
    says: 'subscriptions to fcm-delivery-events, and to fcm-upstream',
  },
  payloadBytes: { option: 'payload', fallback: 200, range: [0, 4_096], whole: true, says: 'bytes of data per message' },
  ttlDays: { option: 'ttl-days', fallback: 28, range: [0, 28], says: 'time_to_live; documents stay 30 days longer' },
  workerMicros: {
    option: 'worker-us',
    fallback: COSTS.worker.micros,
    range: [0.01, 1e6],
    says: "a worker's CPU time per message, µs",
  },
  pendingLimit: { option: 'pending', fallback: 100, range: [1, 100], whole: true, says: 'FCM_PENDING_LIMIT' },
  connectionsPerWorker: {
    option: 'connections-per-worker',
    fallback: 16,
    range: [1, 1_000],
    whole: true,
    says: 'the most to give one worker (FCM_CONNECTIONS)',
  },
  spareWorkers: { option: 'spare', fallback: 1, range: [0, 1e6], whole: true, says: 'workers that may be down' },
} as const satisfies Readonly<Record<string, InputSpec>>;

/** Held constant: change them here. */
export const ASSUMED = {
  highShare: 0.1,
  /** Messages with a third write: answered after more than 1 s, or sent again. */
  slowShare: 0.01,
  /** Messages whose token has died or been replaced: one more write, one more event. */
  deadTokenShare: 0.01,
  /** How much of a vCPU, and of a pending window, to plan with; the rest is headroom. */
  cpuUse: 0.6,
  windowUse: 0.8,
  functionBatchMicros: COSTS.functionBatch.micros,
  functionSingleMicros: COSTS.functionSingle.micros,
  /** Duration of a function call, nearly all of it waiting. A guess. */
  callMs: 100,
  /** functions/index.ts: `concurrency`, `memory`. */
  concurrency: 80,
  functionGib: 0.5,
  workerGib: 1,
  /** Our log line and Cloud Run's own. A guess. */
  logBytesPerCall: 1_500,
} as const;

type Settings = { readonly [K in keyof typeof INPUTS | keyof typeof ASSUMED]: number };

/** In messages a second. The peak sizes what must be there; the average is what is paid by the message. */
export interface Traffic {
  readonly peakPerSecond: number;
  readonly averagePerSecond: number;
}

export interface Inputs extends Settings, Traffic {}

const fallbacks = Object.fromEntries(Object.entries(INPUTS).map(([key, { fallback }]) => [key, fallback]));
export const DEFAULTS: Settings = { ...ASSUMED, ...(fallbacks as { readonly [K in keyof typeof INPUTS]: number }) };
