import { taken } from '../../../lab/bench/drain/taken.ts';
import { TurnError } from '../../../lab/bench/side-process.ts';

const RUNNING = { hasEnded: false, output: 'its last words' };

/** What CCS reports at each poll; then the last one for ever. */
const saying =
  (...counts: number[]) =>
  () =>
    Promise.resolve(counts.length > 1 ? counts.shift()! : counts[0]!);

test('it waits until CCS has taken enough, and returns how many', async () => {
  expect(await taken(10, { accepted: saying(0, 4, 12), side: RUNNING })).toBe(12);
});

test('a side without progress fails with its last output', async () => {
  const still = taken(10, { accepted: saying(0, 4), side: RUNNING, quietLimitMs: 20 });
  await expect(still).rejects.toThrow(TurnError);
  await expect(still).rejects.toThrow(/4 of 10 messages, and received none for 0.02 s\nits last words/);
});

test('slow is not silent: each new message restarts the wait', async () => {
  // 200 ms, with 50 between polls
  expect(await taken(4, { accepted: saying(0, 1, 2, 3, 4), side: RUNNING, quietLimitMs: 70 })).toBe(4);
});

test('a side that has ended fails at once', async () => {
  await expect(taken(10, { accepted: saying(4), side: { ...RUNNING, hasEnded: true } })).rejects.toThrow(
    'it ended after 4 of 10',
  );
});
