import { Throttle } from '../../../../relay/machine/pacing/throttle.ts';

const POLICY = { firstMs: 1_000, capMs: 8_000 };

test('a target that was never too fast need not wait', () => {
  expect(new Throttle(POLICY).waitUntilMs('device', 0)).toBeUndefined();
});

test('a struck target waits, the others do not', () => {
  const throttle = new Throttle(POLICY);
  expect(throttle.strike('device', 0, 0)).toBe(1_000);
  expect(throttle.waitUntilMs('device', 999)).toBe(1_000);
  expect(throttle.waitUntilMs('device', 1_000)).toBeUndefined();
  expect(throttle.waitUntilMs('other', 0)).toBeUndefined();
});

test('answers to what was on its way already do not make it worse', () => {
  const throttle = new Throttle(POLICY);
  throttle.strike('device', 0, 0);
  expect(throttle.strike('device', 500, 0.9)).toBe(1_000);
});

test('struck again after its wait, it waits twice as long, up to the cap', () => {
  const throttle = new Throttle(POLICY);
  const waits: number[] = [];
  for (let nowMs = 0, n = 0; n < 5; n++) {
    const untilMs = throttle.strike('device', nowMs, 0);
    waits.push(untilMs - nowMs);
    nowMs = untilMs;
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
});

test('what is tolerated slows nothing down, and is remembered', () => {
  const throttle = new Throttle(POLICY, 2);
  expect([throttle.strike('topic', 0, 0), throttle.strike('topic', 0, 0), throttle.strike('topic', 0, 0)]).toEqual([
    0, 0, 1_000,
  ]);
  expect([throttle.has('topic'), throttle.has('other')]).toEqual([true, false]);
  throttle.endAll(500);
  expect([throttle.waitUntilMs('topic', 500), throttle.has('topic')]).toEqual([undefined, true]);
  expect(throttle.strike('topic', 500, 0)).toBe(2_500);
  throttle.clear('topic');
  expect(throttle.has('topic')).toBe(false);
});

test('is remembered for a while after its wait, so that the next strike doubles, and then forgotten', () => {
  const throttle = new Throttle(POLICY);
  throttle.strike('device', 0, 0);
  throttle.prune(1_000 + 2 * POLICY.capMs);
  expect(throttle.size).toBe(1);
  throttle.prune(1_001 + 2 * POLICY.capMs);
  expect(throttle.size).toBe(0);
  expect(throttle.strike('device', 50_000, 0)).toBe(51_000);
});
