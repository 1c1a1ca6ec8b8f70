import { benchCommand, benchOptions, type BenchOptions } from '../../../lab/bench/options.ts';
import { parseCommandLine } from '../../../ops/cli/parse.ts';
import { usageText } from '../../../ops/cli/usage.ts';

const KNOWN = ['engine', 'drain'];
const command = benchCommand({ engine: 'the engine', drain: 'the worker' });
function read(line: string): BenchOptions | undefined {
  const parsed = parseCommandLine(command, line === '' ? [] : line.split(' '));
  return parsed && benchOptions(parsed, KNOWN);
}

test('without a name all scenarios run, with five counted turns of each side', () => {
  expect(read('')).toEqual({ scenarios: KNOWN, rounds: 5, size: 'full', only: '', cpuProf: false, nodeOptions: '' });
});

test('names, rounds and sizes are understood', () => {
  expect(read('drain drain --rounds 7 --only 10 --cpu-prof --node-options=--max-old-space-size=256')).toEqual({
    scenarios: ['drain'],
    rounds: 7,
    size: 'full',
    only: '10',
    cpuProf: true,
    nodeOptions: '--max-old-space-size=256',
  });
  expect(read('--short')).toMatchObject({ rounds: 1, size: 'short' });
  expect(read('--short --rounds 2')).toMatchObject({ rounds: 2, size: 'short' });
});

test.each([
  ['engine speed latency', 'unknown scenario speed, latency; there are engine, drain'],
  ['--rounds 0', '--rounds'],
  ['--rounds many', '"many"'],
])('"%s" is refused: %s', (line, words) => {
  expect(() => read(line)).toThrow(RangeError);
  expect(() => read(line)).toThrow(words);
});

test('an unknown option is refused', () => {
  expect(() => read('--fast')).toThrow('--fast');
});

test('the help names every scenario', () => {
  expect(read('--help')).toBeUndefined();
  expect(usageText(command)).toMatch(/engine +the engine\n +drain +the worker/);
});
