import { readFileSync } from 'node:fs';
import { PERFORMANCE, withExamples } from '../../../lab/capacity/document.ts';
import { DEFAULT_SETTINGS, INPUTS, type Inputs, type InputSpec } from '../../../lab/capacity/inputs.ts';
import { leversOf, planFor } from '../../../lab/capacity/levers.ts';
import { MEASURED } from '../../../lab/capacity/measured.ts';
import { capacityOptions, HELP } from '../../../lab/capacity/options.ts';
import { amount, reportOf, short } from '../../../lab/capacity/report.ts';

const SINGLE_US = MEASURED.functionSingle.micros;
const BATCH_US = MEASURED.functionBatch.micros;

const read = (line: string): Inputs => {
  const options = capacityOptions(line.split(' '));
  if (options === undefined) throw new Error('help');
  return options.inputs;
};

test('--rate is all the time, what is not said has its default', () => {
  expect(read('--rate 10000 --latency 80')).toEqual({
    ...DEFAULT_SETTINGS,
    latencyMs: 80,
    peakPerSecond: 10_000,
    averagePerSecond: 10_000,
  });
});

test('--day is an average, the peak is twice that or as --peak says, or --rate', () => {
  expect(read('--day 864000')).toMatchObject({ averagePerSecond: 10, peakPerSecond: 20 });
  expect(read('--day 864000 --peak 5')).toMatchObject({ averagePerSecond: 10, peakPerSecond: 50 });
  expect(read('--day 864000 --rate 33')).toMatchObject({ averagePerSecond: 10, peakPerSecond: 33 });
  expect(read('--day 1e9')).toMatchObject({ averagePerSecond: 1e9 / 86_400 });
});

test('every input has an option of its own, in the help, and a default that the option takes', () => {
  const specs = Object.entries<InputSpec>(INPUTS);
  expect(new Set(specs.map(([, { option }]) => option)).size).toBe(specs.length);
  for (const [key, { option, fallback }] of specs) {
    expect(HELP).toContain(`--${option} N`);
    expect(read(`--rate 1 --${option} ${fallback}`)).toHaveProperty(key, fallback);
  }
});

test.each([
  ['--latency 80', 'how much? --rate messages/s, or --day messages a day'],
  ['--rate 0', '--rate must be a number, 0.001 … 10000000, not "0"'],
  ['--rate ten', 'not "ten"'],
  ['--rate 1e', 'not "1e"'],
  ['--rate 0x10', 'not "0x10"'],
  ['--rate 1 --pending 101', '--pending must be a whole number, 1 … 100, not "101"'],
  ['--rate 1 --batch 1.5', '--batch must be a whole number'],
  ['--rate 1 --high 1.1', '--high must be a number, 0 … 1, not "1.1"'],
  ['--rate 1 --peak 2', '--peak is for --day without --rate'],
  [
    `--rate 1 --function-batch-us ${SINGLE_US + 1}`,
    `--function-batch-us ${SINGLE_US + 1} is more than --function-single-us ${SINGLE_US}`,
  ],
  [
    `--rate 1 --function-single-us ${BATCH_US - 1}`,
    `--function-batch-us ${BATCH_US} is more than --function-single-us ${BATCH_US - 1}`,
  ],
  ['--rate 1 --day 86401', 'more than the peak --rate 1'],
])('"%s" is refused: %s', (line, words) => {
  expect(() => read(line)).toThrow(RangeError);
  expect(() => read(line)).toThrow(words);
});

test('every bad value is named at once', () => {
  for (const fault of [
    '--rate must be a number, 0.001 … 10000000, not "x"',
    '--pending must be a whole number, 1 … 100, not "0"',
    '--high must be a number, 0 … 1, not "2"',
    '--function-batch-us 2000 is more',
  ]) {
    expect(() => read('--rate x --pending 0 --high 2 --function-batch-us 2000')).toThrow(fault);
  }
});

test.each([
  ['--speed 5', '--speed'],
  ['--rate 1 more', 'more'],
  ['--rate', '--rate'],
])('"%s" is refused', (line, words) => {
  expect(() => read(line)).toThrow(words);
});

test('--help is no plan, --json is said', () => {
  expect(capacityOptions(['--help'])).toBeUndefined();
  expect(capacityOptions(['--rate', '1', '--json'])?.json).toBe(true);
});

test('numbers are short', () => {
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

test('the report has every part, says which limits are met, and where the CPU times are from', () => {
  const inputs = read('--rate 10000 --latency 80 --by-pubsub 0.5 --upstream 10');
  const report = reportOf(inputs, planFor(inputs), leversOf(inputs));
  for (const words of [
    'connections ',
    'workers, 1 vCPU each',
    'Firestore writes',
    'Pub/Sub, retained requests',
    'together',
    'MET ',
    '500/50/5',
    'upstream',
    'CPU TIME A MESSAGE',
  ])
    expect(report).toContain(words);
  expect(Math.max(...report.split('\n').map(({ length }) => length))).toBeLessThan(170);
});

test('a lever that is pulled already is not offered', () => {
  expect(
    leversOf(read('--rate 1 --batch 1'))
      .map(({ change }) => change)
      .join(),
  ).not.toContain('--batch');
});

test('the examples and prices of docs/performance.md are current ("npm run capacity:docs" prints them anew)', () => {
  const text = readFileSync(PERFORMANCE, 'utf8');
  expect(text).toBe(withExamples(text));
});
