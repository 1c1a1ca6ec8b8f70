import { readFileSync } from 'node:fs';
import { CAPACITY, withExamples } from '../../../lab/capacity/document.ts';
import { DEFAULTS, INPUTS, type Inputs, type InputSpec } from '../../../lab/capacity/inputs.ts';
import { capacityOptions, COMMAND } from '../../../lab/capacity/options.ts';
import { planOf } from '../../../lab/capacity/plan.ts';
import { amount, reportOf, short } from '../../../lab/capacity/report.ts';
import { sizesOf } from '../../../lab/capacity/sizes.ts';
import { usageText } from '../../../ops/cli/usage.ts';

const read = (line: string): Inputs => {
  const options = capacityOptions(line.split(' '));
  if (options === undefined) throw new Error('help');
  return options.inputs;
};

test('--rate alone is the average too; other inputs have their defaults', () => {
  expect(read('--rate 10000 --latency 80')).toEqual({
    ...DEFAULTS,
    latencyMs: 80,
    peakPerSecond: 10_000,
    averagePerSecond: 10_000,
  });
});

test('--day is an average; the peak is twice that, or --peak times, or --rate', () => {
  expect(read('--day 864000')).toMatchObject({ averagePerSecond: 10, peakPerSecond: 20 });
  expect(read('--day 864000 --peak 5')).toMatchObject({ averagePerSecond: 10, peakPerSecond: 50 });
  expect(read('--day 864000 --rate 33')).toMatchObject({ averagePerSecond: 10, peakPerSecond: 33 });
  expect(read('--day 1e9')).toMatchObject({ averagePerSecond: 1e9 / 86_400 });
});

test('every input has its own option, described in the help, and a default that the option accepts', () => {
  const specs = Object.entries<InputSpec>(INPUTS);
  expect(new Set(specs.map(([, { option }]) => option)).size).toBe(specs.length);
  for (const [key, { option, fallback }] of specs) {
    expect(usageText(COMMAND)).toContain(`--${option} N`);
    expect(read(`--rate 1 --${option} ${fallback}`)).toHaveProperty(key, fallback);
  }
});

test.each([
  ['--latency 80', '--rate (messages/s) or --day (messages a day) is required'],
  ['--rate 0', '--rate must be a number from 0.001 to 10000000, not "0"'],
  ['--rate ten', 'not "ten"'],
  ['--rate 1e', 'not "1e"'],
  ['--rate 0x10', 'not "0x10"'],
  ['--rate 1 --pending 101', '--pending must be a whole number from 1 to 100, not "101"'],
  ['--rate 1 --batch 1.5', '--batch must be a whole number'],
  ['--rate 1 --by-pubsub 1.1', '--by-pubsub must be a number from 0 to 1, not "1.1"'],
  ['--rate 1 --peak 2', '--peak goes with --day alone'],
  ['--rate 1 --day 86401', 'more than the peak --rate 1'],
])('"%s" is refused: %s', (line, words) => {
  expect(() => read(line)).toThrow(RangeError);
  expect(() => read(line)).toThrow(words);
});

test('every bad value is named at once', () => {
  for (const fault of [
    '--rate must be a number from 0.001 to 10000000, not "x"',
    '--pending must be a whole number from 1 to 100, not "0"',
    '--by-pubsub must be a number from 0 to 1, not "2"',
  ]) {
    expect(() => read('--rate x --pending 0 --by-pubsub 2')).toThrow(fault);
  }
});

test.each([
  ['--speed 5', '--speed'],
  ['--rate 1 more', 'more'],
  ['--rate', '--rate'],
])('"%s" is refused', (line, words) => {
  expect(() => read(line)).toThrow(words);
});

test('--help asks for no plan; --json is passed on', () => {
  expect(capacityOptions(['--help'])).toBeUndefined();
  expect(capacityOptions(['--rate', '1', '--json'])?.json).toBe(true);
});

test('numbers are printed short', () => {
  expect([0, 0.0123456, 1.5, 99.96, 1_000, 1_234_567].map(amount)).toEqual([
    '0',
    '0.0123',
    '1.5',
    '100',
    '1 000',
    '1 234 567',
  ]);
  expect([999, 9_999, 12_345, 25_920_000_000, 1.5e12].map(short)).toEqual([
    '999',
    '10 000',
    '12.3 k',
    '25.9 G',
    '1.5 T',
  ]);
});

test('the report has every part, and says which limits are met and where the CPU times are from', () => {
  const inputs = read('--rate 10000 --latency 80 --by-pubsub 0.5 --upstream 10');
  const report = reportOf(inputs, planOf(inputs, sizesOf(inputs.payloadBytes)));
  for (const words of [
    'connections ',
    'workers, 1 vCPU each',
    'Firestore writes',
    'Pub/Sub, retained requests',
    'total',
    'MET ',
    'upstream',
    'CPU TIME PER MESSAGE',
  ])
    expect(report).toContain(words);
  expect(Math.max(...report.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
});

test('the examples and prices of docs/capacity.md are current ("npm run capacity:docs" prints them)', () => {
  const text = readFileSync(CAPACITY, 'utf8');
  expect(text).toBe(withExamples(text));
});
