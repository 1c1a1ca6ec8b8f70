import { LIST_PRICES, type Prices } from './costs.ts';
import { GIB, MONTH_SECONDS, TIB, type Inputs } from './inputs.ts';
import { limitsOf } from './limits.ts';
import { needsOf, type Needs } from './needs.ts';
import { sum } from './pubsub.ts';
import type { Sizes } from './sizes.ts';

/** What a load needs, what a month of it costs, and which limits it meets. A pure function. */
export type Plan = ReturnType<typeof planOf>;

export function planOf(inputs: Inputs, sizes: Sizes, prices: Prices = LIST_PRICES) {
  const needs = needsOf(inputs, sizes);
  const bill = billOf(inputs, { sizes, needs, prices });
  const usdPerMonth = sum(bill, ({ usd }) => usd);
  const usdPerMillion = (usdPerMonth / (inputs.averagePerSecond * MONTH_SECONDS)) * 1e6;
  return { ...needs, bill, usdPerMonth, usdPerMillion, limits: limitsOf(inputs, needs) };
}

export interface BillLine {
  readonly item: string;
  /** In `unit`s, a month. */
  readonly quantity: number;
  readonly unit: string;
  readonly unitUsd: number;
  readonly usd: number;
}

interface BillInputs {
  readonly sizes: Sizes;
  readonly needs: Needs;
  readonly prices: Prices;
}

/** A month of 30 days, once as many documents expire as are created (after two months). No free tiers. */
function billOf(inputs: Inputs, { sizes, needs, prices }: BillInputs): readonly BillLine[] {
  const { workers, functions, firestore, pubsub, pubsubAtAverage } = needs;
  const messages = inputs.averagePerSecond * MONTH_SECONDS;
  const calls = (functions.callsPerSecond / inputs.peakPerSecond) * messages;
  const workerSeconds = workers.total * MONTH_SECONDS;
  const functionSeconds = functions.paidInstances * MONTH_SECONDS;
  const pubsubBytes = (pubsubAtAverage.downstreamBytes + pubsubAtAverage.upstreamBytes) * MONTH_SECONDS;
  const rows: readonly Row[] = [
    ['Firestore writes', '100 000', (messages * firestore.writesPerMessage) / 1e5, prices.writes],
    ['Firestore reads', '100 000', (messages * firestore.readsPerMessage) / 1e5, prices.reads],
    ['Firestore deletes (TTL)', '100 000', messages / 1e5, prices.deletes],
    ['Firestore storage', 'GiB', firestore.storedGib, prices.storedGib],
    ['Pub/Sub throughput', 'TiB', pubsubBytes / TIB, prices.pubsubTib],
    ['Pub/Sub, retained requests', 'GiB', pubsub.retainedBytes / GIB, prices.retainedGib],
    ['Workers, vCPU', 'vCPU-s', workerSeconds, prices.workerVcpu],
    ['Workers, memory', 'GiB-s', workerSeconds * inputs.workerGib, prices.workerGib],
    ['Functions, vCPU', 'vCPU-s', functionSeconds, prices.functionVcpu],
    ['Functions, memory', 'GiB-s', functionSeconds * inputs.functionGib, prices.functionGib],
    ['Functions, calls', 'million', calls / 1e6, prices.calls],
    ['Logs', 'GiB', (calls * inputs.logBytesPerCall) / GIB, prices.logGib],
    ['Network to CCS', 'GiB', (messages * sizes.ccsBytes) / GIB, prices.egressGib],
  ];
  return rows.map(([item, unit, quantity, unitUsd]) => ({ item, quantity, unit, unitUsd, usd: quantity * unitUsd }));
}

type Row = readonly [item: string, unit: string, quantity: number, unitUsd: number];
