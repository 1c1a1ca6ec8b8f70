/**
 * CPU time of our processes per message, as measured; Node runs our code on one core, so one process per vCPU. The plan
 * prints `how` below its figures.
 */
export interface Cost {
  readonly micros: number;
  readonly how: string;
}

const bench = (scenario: string, otherRun: number): string =>
  `npm run bench -- ${scenario} (2026-11-25, 2 shared cores, docs/performance.md, run 2; run 1: ${otherRun})`;

export const COSTS = {
  /** Pull, read, send, settle, announce, ack. */
  worker: { micros: 169, how: bench('drain', 154) },
  /** `api`, per message in a call of `COST_BATCH`. */
  functionBatch: { micros: 65, how: bench('accept', 54) },
  /** `api`, one message per call. `onDownstreamRequest` was not measured and is taken to cost the same. */
  functionSingle: { micros: 424, how: bench('accept', 344) },
} as const satisfies Readonly<Record<string, Cost>>;

export const COST_BATCH = 500;

export const PRICES_AS_OF = '2026-11-25';
export const REGION = 'us-central1';

/** A public list price. Replace them here by your own. */
export interface Price {
  readonly usd: number;
  readonly per: string;
  /** Where we saw it. We could open no live price page. */
  readonly seen: string;
}

const EDITIONS = "Firebase's comparison of Firestore editions";
const TRANSCRIPT = 'the page, transcribed 2026-09-20';
const SECOND_HAND = 'at second hand, 2025-09';
const UNVERIFIED = 'not verified, from memory';

export const PRICES = {
  writes: { usd: 0.09, per: '100 000 Firestore writes', seen: EDITIONS },
  reads: { usd: 0.03, per: '100 000 Firestore reads', seen: EDITIONS },
  deletes: { usd: 0.01, per: '100 000 Firestore deletes, the TTL policy included', seen: EDITIONS },
  storedGib: { usd: 0.15, per: 'GiB-month in Firestore, indexes included', seen: UNVERIFIED },
  pubsubTib: { usd: 40, per: 'TiB published to Pub/Sub, and again delivered', seen: TRANSCRIPT },
  retainedGib: { usd: 0.27, per: 'GiB-month retained by a topic', seen: TRANSCRIPT },
  workerVcpu: { usd: 0.000011244, per: 'vCPU-second of a worker pool', seen: SECOND_HAND },
  workerGib: { usd: 0.000001235, per: 'GiB-second of a worker pool', seen: UNVERIFIED },
  functionVcpu: { usd: 0.000024, per: 'vCPU-second of a function serving a call', seen: SECOND_HAND },
  functionGib: { usd: 0.0000025, per: 'GiB-second of a function serving a call', seen: SECOND_HAND },
  calls: { usd: 0.4, per: 'million function calls', seen: SECOND_HAND },
  logGib: { usd: 0.5, per: 'GiB of logs ingested', seen: 'at second hand, 2026' },
  egressGib: { usd: 0, per: 'GiB sent to CCS; free within a region, not over the internet', seen: 'the page' },
} as const satisfies Readonly<Record<string, Price>>;

export type Prices = { readonly [K in keyof typeof PRICES]: number };

export const LIST_PRICES = Object.fromEntries(Object.entries(PRICES).map(([key, { usd }]) => [key, usd])) as Prices;
