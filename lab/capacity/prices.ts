/** Public list prices of one region, to be replaced by the reader's: every one is an option of the command. */
export interface Price {
  readonly option: string;
  readonly usd: number;
  readonly per: string;
  /** The page that states it. */
  readonly source: string;
  /** How sure we are: what was read, and of which day. */
  readonly seen: string;
}

export const PRICES_AS_OF = '2026-11-25';
export const REGION = 'us-central1';

const FIRESTORE = 'Firestore pricing';
const PUBSUB = 'Pub/Sub pricing';
const RUN = 'Cloud Run pricing';
const EDITIONS = "Firebase's comparison of Firestore's editions, us-central1";

export const PRICES = {
  usdPer100kWrites: {
    option: 'price-writes',
    usd: 0.09,
    per: '100 000 document writes',
    source: FIRESTORE,
    seen: EDITIONS,
  },
  usdPer100kReads: {
    option: 'price-reads',
    usd: 0.03,
    per: '100 000 document reads',
    source: FIRESTORE,
    seen: EDITIONS,
  },
  usdPer100kDeletes: {
    option: 'price-deletes',
    usd: 0.01,
    per: '100 000 document deletes, those of the TTL policy too',
    source: FIRESTORE,
    seen: EDITIONS,
  },
  usdPerStoredGib: {
    option: 'price-storage',
    usd: 0.15,
    per: 'GiB-month in Firestore, indexes included',
    source: FIRESTORE,
    seen: 'not verified: from memory',
  },
  usdPerPubsubTib: {
    option: 'price-pubsub',
    usd: 40,
    per: 'TiB published, and the same again delivered',
    source: PUBSUB,
    seen: 'the page, transcribed 2026-09-20',
  },
  usdPerRetainedGib: {
    option: 'price-retained',
    usd: 0.27,
    per: 'GiB-month that a topic retains',
    source: PUBSUB,
    seen: 'the page, transcribed 2026-09-20',
  },
  usdPerWorkerVcpuSecond: {
    option: 'price-worker-vcpu',
    usd: 0.000011244,
    per: 'vCPU-second, worker pool',
    source: RUN,
    seen: 'at second hand, 2025-09-18',
  },
  usdPerWorkerGibSecond: {
    option: 'price-worker-gib',
    usd: 0.000001235,
    per: 'GiB-second, worker pool',
    source: RUN,
    seen: 'not verified: from memory',
  },
  usdPerFunctionVcpuSecond: {
    option: 'price-function-vcpu',
    usd: 0.000024,
    per: 'vCPU-second while a call is served',
    source: RUN,
    seen: 'at second hand, 2025-09',
  },
  usdPerFunctionGibSecond: {
    option: 'price-function-gib',
    usd: 0.0000025,
    per: 'GiB-second while a call is served',
    source: RUN,
    seen: 'at second hand, 2025-09',
  },
  usdPerMillionCalls: {
    option: 'price-calls',
    usd: 0.4,
    per: 'million function calls',
    source: RUN,
    seen: 'at second hand, 2025-09',
  },
  usdPerLogGib: {
    option: 'price-logs',
    usd: 0.5,
    per: 'GiB of logs taken in',
    source: 'Google Cloud Observability pricing',
    seen: 'at second hand, 2026',
  },
  usdPerEgressGib: {
    option: 'price-egress',
    usd: 0,
    per: 'GiB sent to CCS; 0 while CCS is in the same region, not so over the internet',
    source: RUN,
    seen: 'the page: no charge within a region',
  },
} as const satisfies Readonly<Record<string, Price>>;
