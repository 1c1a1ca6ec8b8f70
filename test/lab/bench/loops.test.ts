import { setTimeout as wait } from 'node:timers/promises';
import { openLoop } from '../../../lab/bench/latency/loops.ts';

test('an open loop keeps its rate, however long the answers take', async () => {
  let open = 0;
  let answer: () => void = () => undefined;
  const allOpen = new Promise<void>((resolve) => (answer = resolve));
  const slow = (): Promise<void> => {
    if (++open === 20) answer(); // none is answered before: a closed loop would hang
    return allOpen;
  };
  const handed = await openLoop(slow, { from: 5, count: 20, perSecond: 1_000 });
  expect(handed.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, at) => 5 + at));
  const [first, last] = [handed[0]!, handed.at(-1)!];
  expect(last.dueMs - first.dueMs).toBeCloseTo(19);
});

test('the delay of a busy caller counts from when the message was due', async () => {
  const block = (n: number): Promise<void> => {
    if (n === 1) for (const endMs = performance.now() + 60; performance.now() < endMs;);
    return Promise.resolve();
  };
  const [, , third] = await openLoop(block, { from: 0, count: 3, perSecond: 200 });
  expect(third!.lateMs).toBeGreaterThan(40); // due 5 ms after the one that blocks
  expect(third!.answeredMs).toBeGreaterThanOrEqual(third!.lateMs);
});

test('a failed answer rejects the loop', async () => {
  const fail = (n: number): Promise<void> => (n === 0 ? Promise.reject(new Error('refused')) : wait(5));
  await expect(openLoop(fail, { from: 0, count: 3, perSecond: 100 })).rejects.toThrow('refused');
});
