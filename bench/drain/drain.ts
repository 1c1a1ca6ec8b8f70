import { Gauge } from '../gauge.ts';
import type { Comparison, Scenario, Side, Size, Turn } from '../scenario.ts';
import type { SideProcess } from '../side-process.ts';
import type { Stage } from '../stage.ts';
import { Backlog } from './backlog.ts';
import { startNaive } from './naive-side.ts';
import { taken } from './taken.ts';
import { startWorker } from './worker-side.ts';

const COUNTS = { full: { warmUp: 5_000, messages: 50_000 }, short: { warmUp: 500, messages: 1_500 } };
const CONNECTIONS = 1;

/** A process that has begun to drain a queue. */
export interface Draining {
  readonly side: SideProcess;
  /** Resolves when it has acked all of so many messages. */
  readonly finished: (messages: number) => Promise<unknown>;
}

export interface DrainSpec {
  readonly backlog: Backlog;
  readonly messages: number;
  readonly connections: number;
}

/** From the moment when CCS has the messages of the warm-up until the last one is acked to Pub/Sub. The start of the process is not measured. */
async function drainTurn(stage: Stage, start: (stage: Stage, spec: DrainSpec) => Draining, size: Size): Promise<Turn> {
  const { warmUp, messages } = COUNTS[size];
  const all = warmUp + messages;
  await stage.ccs.renew();
  const backlog = await Backlog.fill(stage, all);
  const { side, finished } = start(stage, { backlog, messages: all, connections: CONNECTIONS });
  const accepted = async (): Promise<number> => (await stage.ccs.control.stats()).downstream.accepted;
  await taken(warmUp, { accepted, side });
  const gauge = await Gauge.begin(stage.ccs.control);
  const before = await side.usage();
  const already = await accepted(); // last, so that count and clock begin together
  const startMs = performance.now();
  await taken(all, { accepted, side });
  await finished(all);
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await side.usage();
  const shares = await gauge.read();
  await side.end('SIGTERM');
  await stage.ccs.verify(all);
  await backlog.verify(all);
  await backlog.remove();
  return { messages: all - already, seconds, cpuMicros: after.cpuMicros - before.cpuMicros, peakRssBytes: after.peakRssBytes, ...shares };
}

function comparison(size: Size): Comparison {
  const side = (name: string, start: (stage: Stage, spec: DrainSpec) => Draining): Side => ({ name, turn: (stage) => drainTurn(stage, start, size) });
  return {
    name: `${COUNTS[size].messages} queued, ${CONNECTIONS} × 100 pending`,
    sides: [side('worker', startWorker), side('naive loop', startNaive)],
    targets: [
      { figure: 'messages/s', side: 'worker', beside: 'naive loop', bound: { atLeast: 1.5 } },
      { figure: 'CPU µs/msg', side: 'worker', beside: 'naive loop', bound: { atMost: 0.7 } },
    ],
  };
}

export const drain: Scenario = {
  about: 'the real worker on a queue of 50 000; a naive loop: pull, send, BulkWriter set, ack',
  needsEngines: true,
  comparisons: (size) => [comparison(size)],
};
