import { XMPP_TRAITS } from '../../relay/adapters/xmpp/link.ts';
import { DEFAULTS, type RelayConfig } from '../../relay/machine/turn/config.ts';
import { Dice } from './dice.ts';
import { drawFaults, type Faults } from './faults.ts';

/** All that a run follows from. */
export interface Scenario {
  readonly seed: number;
  readonly faults: Faults;
  readonly connections: number;
  readonly pendingLimit: number;
  readonly holdLimit: number;
  readonly messages: number;
  readonly upstream: number;
  /** How long faults happen. After that everything may come to rest. */
  readonly faultsMs: number;
}

const SENDER = '1';
/** When we close a forgotten draining connection: the default of an hour is too long to simulate. */
const DRAIN_LIMIT_MS = 120_000;

export function drawScenario(seed: number): Scenario {
  const dice = new Dice(seed);
  const faults = drawFaults(dice);
  return {
    seed,
    faults,
    connections: 1 + Math.floor(dice.next() * 4),
    pendingLimit: dice.pick([1, 3, 10, 30, 100]),
    holdLimit: dice.pick([5, 20, 60, 200]),
    messages: Math.floor(dice.between(10, dice.pick([40, 120, 240]))),
    upstream: Math.floor(dice.between(0, 60)),
    faultsMs: dice.between(30_000, dice.pick([120_000, 300_000, 600_000])),
  };
}

export const configOf = ({ connections, pendingLimit, holdLimit }: Scenario): RelayConfig => ({
  ...DEFAULTS,
  senderId: SENDER,
  traits: XMPP_TRAITS,
  connections,
  pendingLimit,
  holdLimit,
  drainLimitMs: DRAIN_LIMIT_MS,
  upstreamLimit: 100,
  upstreamMemory: 1_000,
});
