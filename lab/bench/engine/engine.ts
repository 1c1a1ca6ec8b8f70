import { join } from 'node:path';
import { loadTurn, type Load } from '../load-turn.ts';
import type { Comparison, Scenario, Size } from '../scenario.ts';

const PROGRAMS = { relay: 'relay.ts', bare: 'bare.ts', 'node-xcs': 'node-xcs.ts' } as const;

export const programOf = (side: keyof typeof PROGRAMS): string => join(import.meta.dirname, PROGRAMS[side]);

const COUNTS = { full: { warmUp: 20_000, messages: 100_000 }, short: { warmUp: 500, messages: 2_000 } };
const CONNECTIONS = [1, 10];

function comparison(connections: number, size: Size): Comparison {
  const load: Load = { ...COUNTS[size], connections, pendingLimit: 100, latencyMs: 0 };
  return {
    name: `${connections} × 100 pending`,
    sides: (['relay', 'bare', 'node-xcs'] as const).map((name) => ({
      name,
      turn: (testbed) => loadTurn(testbed, programOf(name), load),
    })),
    targets: [
      { figure: 'messages/s', side: 'relay', beside: 'bare', bound: { atLeast: 0.9 } },
      { figure: 'messages/s', side: 'relay', beside: 'node-xcs', bound: { atLeast: 1.2 } },
    ],
  };
}

export const engine: Scenario = {
  about: 'core and XMPP adapter with memory ports; bare @xmpp/client; npm node-xcs',
  needsEngines: false,
  comparisons: (size) => CONNECTIONS.map((connections) => comparison(connections, size)),
};
