import { KILLS, scheduleFaults } from '../../../../lab/chaos/faults/schedule.ts';

const plan = (seed: string) => scheduleFaults({ seed, kills: 9, durationMs: 90_000 });

test('the same seed makes the same schedule, another seed another one', () => {
  expect(plan('1')).toEqual(plan('1'));
  expect(plan('1')).not.toEqual(plan('2'));
});

test('the kills are as many as asked for, spread evenly, every third of the functions', () => {
  const kills = plan('1').filter(({ kind }) => KILLS.some((kill) => kill === kind));
  expect(kills).toHaveLength(9);
  expect(kills.filter(({ kind }) => kind === 'killFunctions')).toHaveLength(3);
  expect(kills.every(({ atMs }, n) => atMs >= 3_000 + n * 9_333 - 1 && atMs <= 3_000 + (n + 1) * 9_334)).toBe(true);
});

test('every kind of fault comes up, in order of time, within the run', () => {
  const all = plan('1');
  expect(new Set(all.map(({ kind }) => kind)).size).toBe(18);
  expect(all.map(({ atMs }) => atMs)).toEqual(all.map(({ atMs }) => atMs).sort((a, b) => a - b));
  expect(all.every(({ atMs }) => atMs >= 3_000 && atMs <= 87_000)).toBe(true);
});
