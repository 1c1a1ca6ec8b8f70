import { chaosOptions, COMMAND, durationMs, type ChaosOptions } from '../../../lab/chaos/options.ts';
import { parseCommandLine } from '../../../ops/cli/parse.ts';

function read(line: string): ChaosOptions {
  const parsed = parseCommandLine(COMMAND, line === '' ? [] : line.split(' '));
  if (parsed === undefined) throw new Error('help');
  return chaosOptions(parsed.values);
}

test('by default the faults are random, under a random seed', () => {
  expect(read('')).toEqual({
    messages: 3_000,
    kills: 5,
    rate: 130,
    seed: expect.stringMatching(/^\d+$/),
    portBase: undefined,
    plans: [],
    size: 'full',
  });
});

test('plans are selected by name, several at once, or all of them', () => {
  expect(read('--plan away --short')).toMatchObject({ plans: ['away'], size: 'short' });
  expect(read('--plan frozen,half-open').plans).toEqual(['frozen', 'half-open']);
  expect(read('--plan all').plans).toHaveLength(10);
  expect(() => read('--plan away,nightmare')).toThrow('unknown plan nightmare; there are half-open, drains');
});

test('a run lasts as long as its load, its kills, or 45 s', () => {
  expect(durationMs(read('--messages 10 --kills 0'))).toBe(45_000);
  expect(durationMs(read('--messages 13000'))).toBe(100_000);
  expect(durationMs(read('--kills 10'))).toBe(70_000);
});
