import { callTimes, numbersOf } from '../../../lab/bench/accept/calls.ts';

test('calls partition the numbers, in order', () => {
  expect([0, 1, 2].flatMap((call) => numbersOf(call, { inOne: 3 }))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('the times of calls, in ms', () => {
  expect(callTimes(Array.from({ length: 100 }, (_, at) => 100 - at))).toEqual({ 'call p50 ms': 50, 'call p99 ms': 99 });
});
