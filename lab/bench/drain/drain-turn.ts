import { Gauge } from '../gauge.ts';
import type { Turn } from '../scenario.ts';
import type { SideProcess } from '../side-process.ts';
import type { Testbed } from '../testbed.ts';
import { Backlog } from './backlog.ts';
import { taken } from './taken.ts';

/** A process that drains a queue. */
export interface Draining {
  readonly side: SideProcess;
  /** Resolves when it has acked this many messages. To be called once. */
  readonly finished: (messages: number) => Promise<unknown>;
}

export interface DrainSpec {
  readonly backlog: Backlog;
  readonly messages: number;
  readonly connections: number;
}

export type StartDraining = (testbed: Testbed, spec: DrainSpec) => Draining;

export interface DrainCounts {
  /** Taken by CCS before the measured ones. */
  readonly warmUp: number;
  readonly messages: number;
  /**
   * Queued after the measured ones, and drained unmeasured. Default: 0; then the end of the queue is measured as well.
   */
  readonly behind?: number;
  readonly connections: number;
  /** Called at every poll, about twenty times a second. */
  readonly onLook?: (look: Look) => void;
}

/** A sample. */
export interface Look {
  /** `performance.now()` */
  readonly atMs: number;
  /** Messages that CCS has taken so far. */
  readonly taken: number;
}

/**
 * Measured from the moment when CCS has the warm-up until the last message is acked to Pub/Sub; with messages behind,
 * until CCS has the measured ones. The start of the process is not measured. The whole queue is drained and verified.
 */
export async function drainTurn(
  testbed: Testbed,
  start: StartDraining,
  { warmUp, messages, behind = 0, connections, onLook }: DrainCounts,
): Promise<Turn> {
  const all = warmUp + messages + behind;
  await testbed.ccs.renew();
  const backlog = await Backlog.fill(testbed, all);
  const { side, finished } = start(testbed, { backlog, messages: all, connections });
  const accepted = async (): Promise<number> => {
    const { downstream } = await testbed.ccs.control.stats();
    onLook?.({ atMs: performance.now(), taken: downstream.accepted });
    return downstream.accepted;
  };
  await taken(warmUp, { accepted, side });
  const gauge = await Gauge.begin(testbed.ccs.control);
  const before = await side.usage();
  const first = await accepted(); // read last, so that count and clock start together
  const startMs = performance.now();
  const last = await taken(warmUp + messages, { accepted, side });
  if (behind === 0) await finished(all);
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await side.usage();
  const shares = await gauge.read();
  if (behind > 0) {
    await taken(all, { accepted, side });
    await finished(all);
  }
  const { peakRssBytes } = await side.usage();
  await side.end('SIGTERM');
  await testbed.ccs.verify(all);
  await backlog.verify(all);
  await backlog.remove();
  return { messages: last - first, seconds, cpuMicros: after.cpuMicros - before.cpuMicros, peakRssBytes, ...shares };
}
