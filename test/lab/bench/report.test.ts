import { table, verdictLine } from '../../../lab/bench/report.ts';
import type { Comparison, Medians, Target, Turn } from '../../../lab/bench/scenario.ts';
import { verdictOn } from '../../../lab/bench/verdict.ts';
import { window } from '../../../lab/bench/window/window.ts';

const turn = (seconds: number, more: Partial<Turn> = {}): Turn => ({
  messages: 1_000,
  seconds,
  cpuMicros: 50_000,
  peakRssBytes: 104_857_600,
  ccsShare: 0.25,
  machineShare: 0.5,
  ...more,
});
const TURNS = { relay: [turn(1), turn(2), turn(4)], bare: [turn(0.5), turn(1), turn(1)] };
const unmeasured = () => Promise.reject(new Error('not run here'));
const comparison: Comparison = {
  name: 'x',
  sides: [
    { name: 'relay', turn: unmeasured },
    { name: 'bare', turn: unmeasured },
  ],
  targets: [],
};
const target = (bound: Target['bound'], more: Partial<Target> = {}): Target => ({
  figure: 'messages/s',
  side: 'relay',
  beside: 'bare',
  bound,
  ...more,
});

test('the table has a line for each side: the spread of the rate, the medians of the rest', () => {
  const [head = '', relay = '', bare = ''] = table(comparison, TURNS)
    .split('\n')
    .map((line) => line.trim().replaceAll(/ {2,}/g, '|'));
  expect(head).toBe('msg/s min|median|max|CPU µs/msg|peak MB|own CPU %|CCS CPU %|machine %');
  expect(relay).toBe('relay|250|500|1000|50|100|2.5|25|50');
  expect(bare).toBe('bare|1000|1000|2000|50|100|5|25|50');
});

test('figures of one scenario get columns of their own', () => {
  expect(table(comparison, { relay: [turn(1, { extra: { 'p99 ms': 12.34 } })], bare: [turn(1)] })).toMatch(
    /machine % +p99 ms\nrelay .* 12\.3\nbare .* 50 *$/,
  );
});

test('many figures are printed as rows, with a column for each side', () => {
  const extra = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`figure ${n} ms`, n]));
  const lines = table(comparison, { relay: [turn(1, { extra })], bare: [turn(1)] })
    .split('\n')
    .map((line) => line.trim().replaceAll(/ {2,}/g, '|'));
  expect(lines[0]).toBe('relay|bare');
  expect(lines[2]).toBe('median|1000|1000');
  expect(lines.at(-1)).toBe('figure 8 ms|8');
});

test('the medians are compared, in either direction', () => {
  expect(verdictOn(target({ atLeast: 0.5 }), TURNS)).toMatchObject({ ratio: 0.5, outcome: 'met' });
  expect(verdictOn(target({ atLeast: 0.51 }), TURNS)).toMatchObject({ outcome: 'not met' });
  expect(verdictOn(target({ atMost: 0.5 }), TURNS)).toMatchObject({ outcome: 'met' });
  expect(verdictOn(target({ atMost: 0.49 }), TURNS)).toMatchObject({ outcome: 'not met' });
  expect(verdictOn(target({ atMost: 1 }, { beside: 500 }), TURNS)).toMatchObject({ ratio: 1, outcome: 'met' });
});

test('a figure may be compared with another one', () => {
  const verdict = verdictOn(target({ atMost: 0.5 }, { figure: 'CPU µs/msg', besideFigure: 'peak MB' }), TURNS);
  expect(verdictLine(verdict)).toBe('  CPU µs/msg, relay : peak MB, bare = 0.500, to reach ≤ 0.5: met');
});

test('an excuse only counts if the target is missed, and is printed', () => {
  const excuse = (medians: Medians): string | undefined =>
    (medians['bare']?.['CCS CPU %'] ?? 0) > 20 ? 'CCS is busy' : undefined;
  expect(verdictOn(target({ atLeast: 0.1 }, { excuse }), TURNS).outcome).toBe('met');
  const missed = verdictOn(target({ atLeast: 0.9 }, { excuse }), TURNS);
  expect(missed.outcome).toBe('not judged');
  expect(verdictLine(missed)).toBe('  messages/s, relay : bare = 0.500, to reach ≥ 0.9: not judged: CCS is busy');
  expect(verdictLine(verdictOn(target({ atMost: 0.7 }, { beside: 1_000 }), TURNS))).toBe(
    '  messages/s, relay : 1000 = 0.500, to reach ≤ 0.7: met',
  );
});

test('equal rates prove nothing where CCS limited the other side', () => {
  const beside = (ccsShare: number) => ({ relay: [turn(1)], bare: [turn(1, { ccsShare })], idle: [turn(2)] });
  expect(verdictOn(target({ atLeast: 0.9 }), beside(0.95)).outcome).toBe('met');
  expect(verdictLine(verdictOn(target({ atLeast: 0.9 }), beside(0.96)))).toMatch(
    /= 1\.000, .*: not judged: CCS is the limit, its CPU 96 % with bare$/,
  );
  // with more CPU for CCS the gap would be larger
  expect(verdictOn(target({ atLeast: 1.1 }), beside(0.96)).outcome).toBe('not met');
  expect(verdictOn(target({ atLeast: 1.2 }, { beside: 'idle' }), beside(0.96)).outcome).toBe('met');
  // CCS does not limit a number
  expect(verdictOn(target({ atLeast: 0.9 }, { beside: 1_000 }), beside(0.96)).outcome).toBe('met');
  expect(verdictOn(target({ atMost: 1 }, { figure: 'CPU µs/msg' }), beside(0.96)).outcome).toBe('met');
});

test("the window's limit is excused by CCS or where the raw socket misses it too, never by the relay's own CPU", () => {
  const {
    targets: [limit],
    name,
  } = window.comparisons('full').find((one) => one.name.startsWith('10 ms, 1 '))!;
  expect(name).toMatch(/limit 10000\/s$/);
  const rate = (perSecond: number, more: Partial<Turn> = {}) => [turn(1_000 / perSecond, more)];
  const verdict = (relay: Turn[], raw: Turn[]) => verdictOn(limit!, { relay, 'raw socket': raw });
  expect(verdict(rate(9_700), rate(9_700)).outcome).toBe('met');
  // its own CPU 100 %
  expect(verdict(rate(9_000, { cpuMicros: 111_111, machineShare: 1 }), rate(9_700)).outcome).toBe('not met');
  expect(verdict(rate(9_000), rate(9_600))).toMatchObject({
    outcome: 'not judged',
    excuse: 'the raw socket misses it too, with 0.960',
  });
  expect(verdict(rate(9_000, { ccsShare: 0.97 }), rate(9_700)).excuse).toBe(
    'CCS is the limit, its CPU 97 % with relay',
  );
});

test('a target with an unknown side or figure is an error', () => {
  expect(() => verdictOn(target({ atLeast: 1 }, { side: 'nobody' }), TURNS)).toThrow('nobody');
  expect(() => verdictOn(target({ atLeast: 1 }, { figure: 'nothing' }), TURNS)).toThrow('nothing');
});
