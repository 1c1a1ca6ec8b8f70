import { Timeline } from '../../../lab/bench/backlog/timeline.ts';

function seen(...looks: readonly (readonly [atMs: number, taken: number])[]): Timeline {
  const timeline = new Timeline();
  for (const [atMs, taken] of looks) timeline.add({ atMs, taken });
  return timeline;
}

test('the rate of a part is its size over its time', () => {
  const timeline = seen([1_000, 0], [1_050, 0], [2_050, 100], [3_050, 150], [3_100, 150]);
  expect(timeline.rate(0, 150)).toBeCloseTo(150 / 2.05);
  expect(timeline.rate(100, 150)).toBe(50);
});

test('it interpolates between samples', () => {
  const timeline = seen([0, 10], [1_000, 110], [3_000, 310]);
  expect(timeline.rate(60, 210)).toBe(100);
  expect(timeline.rate(10, 310)).toBe(100);
});

test('there is no rate of what never came', () => {
  expect(() => seen([0, 10]).rate(10, 11)).toThrow('11 messages');
});
