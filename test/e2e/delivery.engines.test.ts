import { Rig } from '../../dev/stack/rig/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
}, 60_000);
afterAll(() => rig.close(), 30_000);

test('2 000 messages of both priorities reach FCM once each, are acked and have their events', async () => {
  const ids = await rig.accept(
    Array.from({ length: 2_000 }, (_, n) => ({
      to: `device-token-${n % 300}`,
      priority: n % 10 === 0 ? 'high' : 'normal',
      data: { n },
    })),
  );
  const records = await rig.settled(ids);
  expect(new Set(records.map(({ state }) => state))).toEqual(new Set(['acked']));
  expect(records.every(({ attempts }) => attempts === 1)).toBe(true);

  const counts = await rig.ccs.control.messageCounts();
  expect(ids.map((id) => counts[id])).toEqual(ids.map(() => ({ received: 1, acked: 1 })));
  expect((await rig.ccs.control.stats()).connections.highestPending).toBeLessThanOrEqual(100);

  const events = await rig.events.waitFor('fcm.message.acked', ids.length);
  expect(events).toHaveLength(ids.length);
  expect(new Set(events.map(({ data }) => data['message_id']))).toEqual(new Set(ids));
}, 120_000);

test('FCM never has more than 100 pending on a connection', async () => {
  const { control } = rig.ccs;
  await control.settings.change({ latencyMs: 30 });
  const ids = await rig.accept(Array.from({ length: 1_000 }, (_, n) => ({ to: `device-token-${n}`, data: { n } })));
  await rig.settled(ids);
  await control.settings.change({ latencyMs: 0 });
  const stats = await control.stats();
  expect(stats.connections.highestPending).toBe(100);
  expect(stats.downstream.pastPendingLimit).toBe(0);
}, 120_000);

test('topics and conditions are sent unchanged and recorded by name, tokens never', async () => {
  const ids = await rig.accept([
    { to: '/topics/news', data: { a: 'b' } },
    { condition: "'news' in topics && 'sport' in topics", data: { a: 'b' } },
    { to: 'device-token-secret-1', notification: { title: 'Grüße', body: '日本語 <&>' } },
  ]);
  const [topic, condition, token] = await rig.settled(ids);
  expect(topic?.target).toEqual({ kind: 'topic', topic: 'news' });
  expect(condition?.target).toEqual({ kind: 'condition', condition: "'news' in topics && 'sport' in topics" });
  expect(token?.target).toEqual({ kind: 'token', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(JSON.stringify(await rig.record(ids[2] ?? ''))).not.toContain('secret');
  expect(rig.worker.output).not.toContain('device-token-secret-1');
}, 60_000);

test('health, readiness and metrics of the worker', async () => {
  const get = async (path: string): Promise<number> => (await fetch(`${rig.worker.baseUrl}${path}`)).status;
  expect([await get('/healthz'), await get('/readyz'), await get('/nowhere')]).toEqual([200, 200, 404]);
  expect(await rig.worker.total('relay_settled_total{state="acked",error="none"')).toBe(3_003);
  expect(await rig.worker.metric('relay_sends_total{repeat="true"}')).toBe(0);
}, 30_000);
