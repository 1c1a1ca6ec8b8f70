import { setTimeout as wait } from 'node:timers/promises';
import { callsAtOnce } from '../../../lab/bench/at-once.ts';

test('every call is made once, and never more than the limit at a time', async () => {
  const made: number[] = [];
  let [underWay, most] = [0, 0];
  const tookMs = await callsAtOnce(10, 3, async (n) => {
    made.push(n);
    most = Math.max(most, ++underWay);
    await wait(n % 2);
    underWay -= 1;
  });
  expect(made).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(3);
  expect(tookMs).toHaveLength(10);
});

test('after a failure no further call is made', async () => {
  const made: number[] = [];
  const calls = callsAtOnce(10, 2, async (n) => {
    made.push(n);
    await wait(1);
    if (n === 2) throw new Error('the third was refused');
  });
  await expect(calls).rejects.toThrow('the third was refused');
  await wait(20);
  expect(made.length).toBeLessThan(6);
});
