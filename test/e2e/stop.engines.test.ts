import { Rig } from '../../dev/stack/rig/rig.ts';
import { until } from '../../dev/stack/until.ts';

const COUNT = 3_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ ccs: { latencyMs: { min: 20, max: 60 } }, env: { FCM_CONNECTIONS: '2' }, killed: true });
}, 60_000);
afterAll(() => rig.close(), 30_000);

const requests = (name: string) =>
  Array.from({ length: COUNT }, (_, n) => ({ message_id: `${name}-${n}`, to: `device-token-${n % 500}`, data: { n } }));
const acked = (): Promise<number> => rig.worker.total('relay_settled_total{state="acked",error="none"');
const underway = async (before: number): Promise<void> => {
  await until(async () => (await acked()) > before + COUNT / 10, {
    withinMs: 60_000,
    what: () => 'nothing is being sent',
  });
};

test('SIGTERM under load: done within 10 s, nothing lost, nothing sent twice', async () => {
  const accepted = rig.accept(requests('term'));
  await underway(0);
  const { code, tookMs } = await rig.worker.stop();
  const ids = await accepted;
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  await rig.startWorker();
  expect((await rig.settled(ids, 200_000)).every(({ state }) => state === 'acked')).toBe(true);
  const counts = await rig.ccs.control.messageCounts();
  expect(ids.filter((id) => counts[id]?.received !== 1)).toEqual([]);
}, 300_000);

test('kill -9 under load: nothing lost; at most the pending messages are sent twice, under the same id', async () => {
  const before = await acked();
  const accepted = rig.accept(requests('kill'));
  await underway(before);
  await rig.worker.kill();
  const ids = await accepted;
  await rig.startWorker();
  expect((await rig.settled(ids, 300_000)).every(({ state }) => state === 'acked')).toBe(true);
  const counts = await rig.ccs.control.messageCounts();
  const twice = ids.filter((id) => (counts[id]?.received ?? 0) > 1);
  expect(twice.length).toBeLessThanOrEqual(200); // guarantee 2: pending limit × connections
  expect(ids.every((id) => (counts[id]?.received ?? 0) >= 1)).toBe(true);
}, 400_000);
