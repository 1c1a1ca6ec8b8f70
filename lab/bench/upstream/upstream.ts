import type { Comparison, Medians, Scenario, Size } from '../scenario.ts';
import { ccsIsTheLimit } from '../verdict.ts';
import { bareTurn } from './bare-turn.ts';
import { UPSTREAM_WINDOW, type UpstreamLoad } from './bare-job.ts';
import { workerTurn } from './worker-turn.ts';

const LOADS: Readonly<Record<Size, readonly UpstreamLoad[]>> = {
  full: [
    { connections: 1, warmUp: 5_000, messages: 45_000 },
    { connections: 10, warmUp: 5_000, messages: 95_000 },
  ], // the control API takes 100 000 in one call
  short: [
    { connections: 1, warmUp: 500, messages: 2_000 },
    { connections: 10, warmUp: 500, messages: 2_000 },
  ],
};

function comparison(load: UpstreamLoad): Comparison {
  return {
    name: `${load.connections} × ${UPSTREAM_WINDOW} un-acked`,
    sides: [
      { name: 'worker', turn: (testbed) => workerTurn(testbed, load) },
      { name: 'bare publish', turn: (testbed) => bareTurn(testbed, load) },
    ],
    targets: [
      {
        figure: 'messages/s',
        side: 'worker',
        beside: 'bare publish',
        bound: { atLeast: 0.7 },
        excuse: (medians: Medians) => ccsIsTheLimit('worker', medians),
      },
    ],
  };
}

export const upstream: Scenario = {
  about: `upstream through the real worker: event published, then acked to CCS; the same events published with
      @google-cloud/pubsub alone`,
  needsEngines: true,
  comparisons: (size) => LOADS[size].map(comparison),
};
