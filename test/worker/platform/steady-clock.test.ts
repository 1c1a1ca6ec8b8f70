import { steadyClock } from '../../../worker/platform/steady-clock.ts';

test('the clock follows the wall clock forward, and goes on at its own pace when that is put back', () => {
  let [wall, monotonic] = [1_000_000, 50];
  const now = steadyClock(
    () => wall,
    () => monotonic,
  );
  const pass = (ms: number): void => {
    wall += ms;
    monotonic += ms;
  };
  pass(10);
  expect(now()).toBe(1_000_010);
  wall += 5_000;
  expect(now()).toBe(1_005_010);
  wall -= 600_000;
  pass(200);
  expect(now()).toBe(1_005_210);
  pass(300);
  expect(now()).toBe(1_005_510);
});
