import { percentile } from '../statistics.ts';

/** How messages are submitted. */
export interface Calls {
  /** Messages per call. */
  readonly inOne: number;
  readonly atOnce: number;
  /** Submitted before the measured ones. Both are multiples of `inOne`. */
  readonly warmUp: number;
  readonly messages: number;
}

/** The numbers of the messages in a call. */
export const numbersOf = (call: number, { inOne }: Pick<Calls, 'inOne'>): number[] =>
  Array.from({ length: inOne }, (_, at) => call * inOne + at);

/** From the start of a call to its answer. */
export const callTimes = (tookMs: readonly number[]): Readonly<Record<string, number>> => ({
  'call p50 ms': percentile(tookMs, 0.5),
  'call p99 ms': percentile(tookMs, 0.99),
});
