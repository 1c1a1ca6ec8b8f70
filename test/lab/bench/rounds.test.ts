import { chosen, inTurn } from '../../../lab/bench/rounds.ts';
import type { Comparison, Turn } from '../../../lab/bench/scenario.ts';
import type { Testbed } from '../../../lab/bench/testbed.ts';

const TURN: Turn = { messages: 1, seconds: 1, cpuMicros: 1, peakRssBytes: 1, ccsShare: 0, machineShare: 0 };

/** The order of the turns, and how many of each side were counted. */
async function turnsOf(more: Partial<Comparison>, count: number) {
  const taken: string[] = [];
  const side = (name: string) => ({ name, turn: () => (taken.push(name), Promise.resolve(TURN)) });
  const testbed = { begin: () => undefined, clear: () => undefined } as unknown as Testbed;
  const counted = await inTurn({ name: 'x', sides: [side('A'), side('B')], targets: [], ...more }, testbed, {
    scenario: 's',
    count,
    say: () => undefined,
  });
  return { taken: taken.join(' '), counted: Object.values(counted).map((turns) => turns.length) };
}

test('the sides take turns, after an uncounted one of each', async () => {
  expect(await turnsOf({}, 2)).toEqual({ taken: 'A B A B A B', counted: [2, 2] });
});

test('no more rounds than the comparison allows, and no warm-up for long turns', async () => {
  expect(await turnsOf({ roundsAtMost: 1 }, 5)).toEqual({ taken: 'A B A B', counted: [1, 1] });
  expect(await turnsOf({ roundsAtMost: 1, longTurns: true }, 5)).toEqual({ taken: 'A B', counted: [1, 1] });
});

test('what must be named is only chosen by name', () => {
  const all = [{ name: 'short' }, { name: 'long', onlyWhenNamed: true }].map((more) => ({
    sides: [],
    targets: [],
    ...more,
  }));
  expect(chosen(all, '').map(({ name }) => name)).toEqual(['short']);
  expect(chosen(all, 'long').map(({ name }) => name)).toEqual(['long']);
});
