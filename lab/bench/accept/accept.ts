import type { Comparison, Scenario, Size } from '../scenario.ts';
import type { Calls } from './calls.ts';
import { functionsTurn } from './functions-turn.ts';
import { rawTurn } from './raw-turn.ts';

const SIZES: Readonly<Record<Size, readonly (Calls & { readonly name: string })[]>> = {
  full: [
    { name: 'single, 64 calls at once', inOne: 1, atOnce: 64, warmUp: 1_000, messages: 6_000 },
    { name: 'batches of 500, 4 calls at once', inOne: 500, atOnce: 4, warmUp: 10_000, messages: 30_000 },
  ],
  short: [
    { name: 'single, 64 calls at once', inOne: 1, atOnce: 64, warmUp: 200, messages: 600 },
    { name: 'batches of 500, 4 calls at once', inOne: 500, atOnce: 4, warmUp: 2_000, messages: 4_000 },
  ],
};

const comparison = ({ name, ...calls }: Calls & { readonly name: string }): Comparison => ({
  name,
  sides: [
    { name: 'functions', turn: (testbed) => functionsTurn(testbed, calls) },
    { name: 'raw writes', turn: (testbed) => rawTurn(testbed, calls) },
  ],
  targets: [{ figure: 'messages/s', side: 'functions', beside: 'raw writes', bound: { atLeast: 0.7 } }],
});

export const accept: Scenario = {
  about: `POST /v1/messages, one message or 500 a call; the same documents and queue messages written by the client
      libraries alone`,
  needsEngines: true,
  comparisons: (size) => SIZES[size].map(comparison),
};
