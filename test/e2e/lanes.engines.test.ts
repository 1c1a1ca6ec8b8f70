import { Rig } from '../../dev/stack/rig/rig.ts';
import { until } from '../../dev/stack/until.ts';

const BACKLOG = 20_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ idle: true, ccs: { latencyMs: 50 } });
}, 60_000);
afterAll(() => rig.close(), 30_000);

test(`with ${BACKLOG} normal messages queued, 100 high ones take under 2 s, and the normal ones keep flowing`, async () => {
  const { control } = rig.ccs;
  const normalAcked = async (): Promise<number> => rig.worker.total('relay_settled_total{state="acked",error="none"');
  for (let n = 0; n < BACKLOG; n += 2_000) {
    await rig.accept(
      Array.from({ length: 2_000 }, (_, at) => ({
        message_id: `normal-${n + at}`,
        to: `device-token-${at}`,
        priority: 'normal',
      })),
    );
  }
  await rig.startWorker(); // only now: there must be a backlog, however long it took to create
  await until(async () => (await normalAcked()) > 500, { withinMs: 60_000, what: () => 'the backlog does not move' });
  const before = await normalAcked();
  expect(before).toBeLessThan(BACKLOG / 2); // there is a backlog

  const startMs = Date.now();
  const high = await rig.accept(
    Array.from({ length: 100 }, (_, n) => ({ message_id: `high-${n}`, to: `device-token-${n}`, priority: 'high' })),
  );
  await until(async () => (await control.messageCounts())['high-99']?.acked === 1 && high.length === 100, {
    withinMs: 20_000,
    what: () => 'high messages wait',
  });
  await rig.settled(high);
  const answeredMs = Math.max(
    ...(await Promise.all(high.map((messageId) => control.messages({ messageId })))).map(
      ([message]) => (message?.at ?? Infinity) + 50 - startMs,
    ),
  );
  expect(answeredMs).toBeLessThan(2_000);

  await until(async () => (await normalAcked()) > before + 200 + high.length, {
    withinMs: 20_000,
    what: () => 'the normal lane starves',
  });
  expect((await control.stats()).connections.highestPending).toBeLessThanOrEqual(100);
}, 240_000);
