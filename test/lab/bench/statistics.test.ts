import { percentile, spreadOf } from '../../../lab/bench/statistics.ts';

test('the spread is the min, median and max, in any order', () => {
  expect(spreadOf([5, 1, 4])).toEqual({ min: 1, median: 4, max: 5 });
  expect(spreadOf([10, 9, 2, 1])).toEqual({ min: 1, median: 5.5, max: 10 });
  expect(spreadOf([7])).toEqual({ min: 7, median: 7, max: 7 });
});

test('a percentile is the value that this share does not exceed', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile(values, 1)).toBe(100);
  expect(percentile([3], 0.01)).toBe(3);
});

test('an empty list has no figures', () => {
  expect(() => spreadOf([])).toThrow(RangeError);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});
