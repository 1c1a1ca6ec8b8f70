/**
 * What a message costs in CPU time. The one place for it: `npm run capacity` computes with these until an option says otherwise, and
 * prints `how` below the plan. Node runs our code on one core, so one process per vCPU.
 */
export interface Measured {
  /** Microseconds of CPU time of the process, a message. */
  readonly micros: number;
  /** The command that gave it, the day, the machine; or that it is not measured yet. */
  readonly how: string;
}

const FIRST = 'a first figure (2026-11-25, npm start on 2 shared cores, before npm run bench); the better of two runs:';

export const MEASURED = {
  /** The worker: pull, read, send, settle, announce, ack. */
  worker: { micros: 354, how: `${FIRST} 214` },
  /** The function `api`, a message in a call of 500. */
  functionBatch: { micros: 218, how: `${FIRST} 146` },
  /** A function, a message in a call of its own: `api`, or `onDownstreamRequest`. */
  functionSingle: { micros: 1_060, how: `${FIRST} 980` },
} as const satisfies Readonly<Record<string, Measured>>;

/** The call size that `functionBatch` was measured with. */
export const MEASURED_BATCH = 500;
