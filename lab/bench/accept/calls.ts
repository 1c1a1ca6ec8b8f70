import { percentile } from '../statistics.ts';

/** How messages are handed in. */
export interface Calls {
  /** Messages a call. */
  readonly inOne: number;
  readonly atOnce: number;
  /** Handed in before the measured ones; a multiple of `inOne`, as `messages` is. */
  readonly warmUp: number;
  readonly messages: number;
}

/** The numbers of the messages in a call. */
export const numbersOf = (call: number, { inOne }: Pick<Calls, 'inOne'>): number[] =>
  Array.from({ length: inOne }, (_, at) => call * inOne + at);

/** From the begin of a call to its answer. */
export const callTimes = (tookMs: readonly number[]): Readonly<Record<string, number>> => ({
  'call p50 ms': percentile(tookMs, 0.5),
  'call p99 ms': percentile(tookMs, 0.99),
});
