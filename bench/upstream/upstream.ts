import type { Comparison, Medians, Scenario, Size } from '../scenario.ts';
import { ccsIsTheLimit } from '../verdict.ts';
import { bareTurn } from './bare-turn.ts';
import { UPSTREAM_WINDOW, type UpstreamLoad } from './bare-job.ts';
import { workerTurn } from './worker-turn.ts';

const COUNTS = { full: { warmUp: 5_000, messages: 40_000 }, short: { warmUp: 500, messages: 2_000 } };
const CONNECTIONS = [1, 10];

function comparison(connections: number, size: Size): Comparison {
  const load: UpstreamLoad = { ...COUNTS[size], connections };
  return {
    name: `${connections} × ${UPSTREAM_WINDOW} un-acked`,
    sides: [
      { name: 'worker', turn: (stage) => workerTurn(stage, load) },
      { name: 'bare publish', turn: (stage) => bareTurn(stage, load) },
    ],
    targets: [
      { figure: 'messages/s', side: 'worker', beside: 'bare publish', bound: { atLeast: 0.7 }, excuse: (medians: Medians) => ccsIsTheLimit('worker', medians) },
    ],
  };
}

export const upstream: Scenario = {
  about: 'from devices through the real worker: event published, acked to CCS; the same events published with @google-cloud/pubsub alone',
  needsEngines: true,
  comparisons: (size) => CONNECTIONS.map((connections) => comparison(connections, size)),
};
