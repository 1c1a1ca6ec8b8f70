import type { RelayConfig } from '../../relay/machine/turn/config.ts';
import type { Effect } from '../../relay/machine/turn/effect.ts';
import type { Input } from '../../relay/machine/turn/input.ts';
import { Relay, type RelayStatus } from '../../relay/machine/relay.ts';
import { Pump, type PumpParts } from '../../worker/pump.ts';

/** What a worker runs: the real relay machine, or in tests one that is broken on purpose. */
export interface Machine {
  on(inputs: readonly Input[], nowMs: number): Effect[];
  status(): RelayStatus;
}

export type MakeMachine = (config: RelayConfig, random: () => number) => Machine;
/** What feeds it and performs its effects. */
export type MakePump = (parts: PumpParts) => Pump;

export const hash = (text: string): string => `hash(${text})`;

export const realMachine: MakeMachine = (config, random) => new Relay(config, { random, hash });
export const realPump: MakePump = (parts) => new Pump(parts);
