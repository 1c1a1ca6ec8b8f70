import { percentile } from '../statistics.ts';

/** From the begin of a call to its answer. */
export const callTimes = (tookMs: readonly number[]): Readonly<Record<string, number>> => ({ 'call p50 ms': percentile(tookMs, 0.5), 'call p99 ms': percentile(tookMs, 0.99) });
