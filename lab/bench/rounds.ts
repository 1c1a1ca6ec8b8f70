import type { Comparison, Turn } from './scenario.ts';
import type { Testbed } from './testbed.ts';
import { TurnError } from './side-process.ts';

export interface Rounds {
  readonly scenario: string;
  readonly count: number;
  readonly say: (line: string) => void;
}

/**
 * A B A B …, after one uncounted turn of each side to warm up CCS and the emulators; long turns need none. @throws
 * TurnError
 */
export async function inTurn(
  comparison: Comparison,
  testbed: Testbed,
  { scenario, count, say }: Rounds,
): Promise<Record<string, Turn[]>> {
  const turns = Object.fromEntries(comparison.sides.map(({ name }) => [name, [] as Turn[]]));
  for (
    let round = comparison.longTurns === true ? 1 : 0;
    round <= Math.min(count, comparison.roundsAtMost ?? count);
    round++
  ) {
    for (const { name, turn } of comparison.sides) {
      const label = `${comparison.name}, ${name}, ${round === 0 ? 'warm-up' : `round ${round}`}`;
      testbed.begin(`${scenario}, ${label}`);
      const measured = await turn(testbed).catch((error: unknown) => {
        throw new TurnError(`${label}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      });
      testbed.clear();
      const perSecond = Math.round(measured.messages / measured.seconds);
      say(`${label}: ${perSecond} msg/s, ${Math.round(measured.cpuMicros / measured.messages)} µs/msg`);
      if (round > 0) turns[name]?.push(measured);
    }
  }
  return turns;
}

/** Those whose name contains `only`; without it, those that need not be asked for. */
export const chosen = (comparisons: readonly Comparison[], only: string): readonly Comparison[] =>
  comparisons.filter(({ name, onlyWhenNamed = false }) => (only === '' ? !onlyWhenNamed : name.includes(only)));
