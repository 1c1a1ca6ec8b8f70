import { drainTurn } from '../drain/drain-turn.ts';
import { startWorker } from '../drain/worker-side.ts';
import { programOf } from '../engine/engine.ts';
import { loadTurn } from '../load-turn.ts';
import type { Comparison, Scenario, Side, Size, Target } from '../scenario.ts';

/** The sizes of each comparison: ten times larger, and a hundred times where a turn stays short. */
const GROWTH = {
  queued: { full: [6_000, 60_000], short: [1_500, 15_000] },
  devices: { full: [100, 1_000, 10_000], short: [10, 100, 1_000] },
  connections: { full: [1, 10, 100], short: [1, 10, 100] },
};
// Before and after the measured messages, as many as the engine holds with the most connections: so exactly the cost of
// the measured ones is measured.
const ENGINE = {
  full: { warmUp: 40_000, messages: 80_000, behind: 40_000 },
  short: { warmUp: 40_000, messages: 4_000, behind: 40_000 },
};
// The same part of every queue, right after the warm-up. A process gets faster over time, which would hide the cost of
// a long queue.
const DRAIN = { full: { warmUp: 2_000, messages: 3_000 }, short: { warmUp: 400, messages: 600 } };
const PENDING_LIMIT = 100;
const FLAT = 1.25;

function comparison(what: string, sizes: readonly number[], turn: (size: number) => Side['turn']): Comparison {
  const nameOf = (size: number): string => `${size} ${what}`;
  const [smallest = 0, ...larger] = sizes;
  return {
    name: `${what}: ${sizes.join(', ')}`,
    sides: sizes.map((size) => ({ name: nameOf(size), turn: turn(size) })),
    targets: larger.map((size): Target => ({
      figure: 'CPU µs/msg',
      side: nameOf(size),
      beside: nameOf(smallest),
      bound: { atMost: FLAT },
    })),
  };
}

/** The worker, with the rest of the queue behind the measured part. */
const queueOf =
  (size: Size) =>
  (queued: number): Side['turn'] => {
    const { warmUp, messages } = DRAIN[size];
    return (testbed) =>
      drainTurn(testbed, startWorker, { warmUp, messages, behind: queued - warmUp - messages, connections: 1 });
  };

/** The engine, where the cost of devices and connections lies, with enough messages in a turn to tell. */
const engineWith =
  (size: Size, of: (count: number) => { readonly devices?: number; readonly connections: number }) =>
  (count: number): Side['turn'] =>
  (testbed) =>
    loadTurn(testbed, programOf('relay'), { ...ENGINE[size], ...of(count), pendingLimit: PENDING_LIMIT, latencyMs: 0 });

export const scale: Scenario = {
  about: 'the cost of a message as the number of queued messages, devices and connections grows: it should not change',
  needsEngines: true,
  comparisons: (size) => [
    comparison('queued', GROWTH.queued[size], queueOf(size)),
    comparison(
      'devices',
      GROWTH.devices[size],
      engineWith(size, (devices) => ({ devices, connections: 1 })),
    ),
    comparison(
      'connections',
      GROWTH.connections[size],
      engineWith(size, (connections) => ({ connections })),
    ),
  ],
};
