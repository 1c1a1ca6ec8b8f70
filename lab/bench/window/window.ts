import { join } from 'node:path';
import { programOf } from '../engine/engine.ts';
import { loadTurn, type Load } from '../load-turn.ts';
import type { Comparison, Medians, Scenario, Size } from '../scenario.ts';
import { ccsIsTheLimit, figure, sideOf } from '../verdict.ts';

const LATENCIES_MS = [10, 50, 200];
const CONNECTIONS = [1, 4, 16];
const PENDING_LIMIT = 100;
const SECONDS = { full: { warmUp: 1, measured: 4 }, short: { warmUp: 0.4, measured: 0.4 } };
const FASTEST = 15_000; // messages a second; beyond it the CPU is the limit, and a turn would take too long
const LEAST = 0.97;

/**
 * Excused if nothing could reach the limit: CCS has no CPU left, or the raw socket misses it too. The relay's own CPU
 * is no excuse; it is what is measured.
 */
const outOfReach =
  (limit: number) =>
  (medians: Medians): string | undefined => {
    const raw = figure(sideOf(medians, 'raw socket'), 'messages/s') / limit;
    return (
      ccsIsTheLimit('relay', medians) ??
      (raw < LEAST ? `the raw socket misses it too, with ${raw.toFixed(3)}` : undefined)
    );
  };

function comparison(latencyMs: number, connections: number, size: Size): Comparison {
  const limit = (PENDING_LIMIT * connections * 1_000) / latencyMs;
  // answers come a window at a time, so measure whole windows
  const window = PENDING_LIMIT * connections;
  const count = (seconds: number): number => Math.ceil((Math.min(limit, FASTEST) * seconds) / window) * window;
  const load: Load = {
    connections,
    pendingLimit: PENDING_LIMIT,
    latencyMs,
    warmUp: count(SECONDS[size].warmUp),
    messages: count(SECONDS[size].measured),
  };
  const raw = join(import.meta.dirname, 'raw.ts');
  return {
    name: `${latencyMs} ms, ${connections} × ${PENDING_LIMIT} pending, limit ${limit}/s`,
    sides: [
      { name: 'relay', turn: (testbed) => loadTurn(testbed, programOf('relay'), load) },
      { name: 'raw socket', turn: (testbed) => loadTurn(testbed, raw, load) },
    ],
    targets: [
      { figure: 'messages/s', side: 'relay', beside: limit, bound: { atLeast: LEAST }, excuse: outOfReach(limit) },
    ],
  };
}

export const window: Scenario = {
  about:
    'the engine at 10, 50 and 200 ms of latency with 1, 4 and 16 connections, compared with what their windows allow',
  needsEngines: false,
  comparisons: (size) =>
    LATENCIES_MS.flatMap((latencyMs) => CONNECTIONS.map((connections) => comparison(latencyMs, connections, size))),
};
