import { Rig } from './support/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ idle: true, ccs: { latencyMs: 50 } });
}, 60_000);
afterAll(() => rig.close(), 30_000);

test('cancels that race with the worker: what was answered "cancelled" was never sent, what was "too late" was', async () => {
  const ids = await rig.accept(Array.from({ length: 5_000 }, (_, n) => ({ message_id: `race-${n}`, to: `device-token-${n}`, data: { n } })));
  const cancelling = ids.filter((_, n) => n % 10 === 0);
  await rig.startWorker(); // 2 000 a second at most: the drain takes longer than it takes to ask for all cancels
  const answers = await Promise.all(cancelling.map(async (id, n) => {
    await new Promise((resolve) => setTimeout(resolve, n * 4)); // spread over the drain
    return { id, answer: await rig.cancel(id) };
  }));
  const records = new Map((await rig.settled(ids, 120_000)).map((record, at) => [ids[at], record]));
  const counts = await rig.ccs.control.messageCounts();
  for (const { id, answer } of answers) {
    const cancelled = answer.outcome === 'cancelled';
    expect({ id, sent: counts[id]?.received ?? 0, state: records.get(id)?.state }).toEqual({ id, sent: cancelled ? 0 : 1, state: cancelled ? 'cancelled' : 'acked' });
  }
  const outcomes = answers.map(({ answer }) => answer.outcome);
  expect(outcomes).toContain('cancelled'); // else the race was none
  expect(outcomes).toContain('tooLate');
  expect(new Set(outcomes).size).toBe(2);
}, 240_000);
