/**
 * What a message costs in CPU time. The one place for it: `npm run capacity` computes with these until an option says
 * otherwise, and prints `how` below the plan. Node runs our code on one core, so one process per vCPU.
 */
export interface Measured {
  /** Microseconds of CPU time of the process, a message. */
  readonly micros: number;
  /** The command that gave it, the day, the machine; or that it is not measured yet. */
  readonly how: string;
}

const run = (scenario: string, other: string): string =>
  `npm run bench -- ${scenario} (2026-11-25, 2 shared cores, docs/performance.md, run 2); run 1: ${other}`;

export const MEASURED = {
  /** The worker: pull, read, send, settle, announce, ack. */
  worker: { micros: 169, how: run('drain', '154') },
  /** The function `api`, a message in a call of 500. */
  functionBatch: { micros: 65, how: run('accept', '54') },
  /** A function, a message in a call of its own: `api`; taken for `onDownstreamRequest` too, which was not measured. */
  functionSingle: { micros: 424, how: run('accept', '344') },
} as const satisfies Readonly<Record<string, Measured>>;

/** The call size that `functionBatch` was measured with. */
export const MEASURED_BATCH = 500;
