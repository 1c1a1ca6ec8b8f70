/** How messages are handed in. */
export interface Calls {
  /** Messages a call. */
  readonly inOne: number;
  readonly atOnce: number;
  /** Handed in before the measured ones; a multiple of `inOne`, as `messages` is. */
  readonly warmUp: number;
  readonly messages: number;
}

/** What the raw program is told. */
export interface RawJob extends Calls {
  readonly projectId: string;
  readonly topic: string;
}

/** The numbers of the messages in a call. */
export const numbersOf = (call: number, { inOne }: Calls): number[] => Array.from({ length: inOne }, (_, at) => call * inOne + at);
