import type { Comparison, Scenario, Side, Size } from '../scenario.ts';
import { drainTurn, type StartDraining } from './drain-turn.ts';
import { startNaive } from './naive-side.ts';
import { startWorker } from './worker-side.ts';

const COUNTS = { full: { warmUp: 5_000, messages: 50_000 }, short: { warmUp: 500, messages: 1_500 } };
const CONNECTIONS = 1;

function comparison(size: Size): Comparison {
  const side = (name: string, start: StartDraining): Side => ({
    name,
    turn: (testbed) => drainTurn(testbed, start, { ...COUNTS[size], connections: CONNECTIONS }),
  });
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
