import { Rig } from '../../dev/stack/rig/rig.ts';
import { until } from '../../dev/stack/until.ts';

const COUNT = 5_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ idle: true, ccs: { latencyMs: 50 } }); // at most 2 000 a second, so the queue lasts a while
}, 60_000);
afterAll(() => rig.close(), 30_000);

test('cancels at any time: "cancelled" means that it was never sent, "too late" that it was', async () => {
  const ids = await rig.accept(
    Array.from({ length: COUNT }, (_, n) => ({ message_id: `race-${n}`, to: `device-token-${n}`, data: { n } })),
  );
  const every = (nth: number): string[] => ids.filter((_, n) => n % 100 === nth);
  const cancel = async (id: string) => ({ id, outcome: (await rig.cancel(id)).outcome });

  const before = await Promise.all(every(0).map(cancel));
  expect(new Set(before.map(({ outcome }) => outcome))).toEqual(new Set(['cancelled']));

  await rig.startWorker();
  const during = Promise.all(
    every(50)
      .concat(every(51), every(52))
      .map(async (id, n) => {
        await until(async () => (await rig.ccs.control.stats()).downstream.received > n * 25, {
          withinMs: 60_000,
          what: () => 'the drain stands still',
        });
        return cancel(id); // wherever the message is at that moment
      }),
  );
  const records = new Map((await rig.settled(ids, 120_000)).map((record, at) => [ids[at], record]));
  const after = await Promise.all(every(99).map(cancel));
  expect(new Set(after.map(({ outcome }) => outcome))).toEqual(new Set(['tooLate']));

  const counts = await rig.ccs.control.messageCounts();
  for (const { id, outcome } of [...before, ...(await during), ...after]) {
    const cancelled = outcome === 'cancelled';
    expect({ id, sent: counts[id]?.received ?? 0, state: records.get(id)?.state }).toEqual({
      id,
      sent: cancelled ? 0 : 1,
      state: cancelled ? 'cancelled' : 'acked',
    });
  }
}, 240_000);
