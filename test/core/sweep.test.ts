import { sweep } from '../../relay/core/sweep.ts';
import { change, failing, key, onFirst, record, SENDER, START_MS, World } from './intake-world.ts';

const HOUR_MS = 3_600_000;
const FAR_MS = START_MS + 1e12;
const NONE = { minute: 0, hour: 0, day: 0, older: 0 };

test('messages that wait are counted by age and left alone', async () => {
  const world = new World();
  const ages = { a: 0, b: 59_999, c: 60_000, d: HOUR_MS, e: 24 * HOUR_MS };
  for (const [id, ageMs] of Object.entries(ages)) world.store.put(key(id), record({ createdAtMs: START_MS - ageMs, timeToLiveSeconds: 2_419_200 }));
  world.store.put({ senderId: 'another', messageId: 'x' }, record());
  world.store.put(key('sent'), record({ state: 'sent' }));
  expect(await sweep(world, SENDER, FAR_MS)).toEqual({
    senderId: SENDER, waiting: { minute: 2, hour: 1, day: 1, older: 1 }, expired: 0, cancelled: 0, failed: 0, complete: true,
  });
});

test('a message an hour past its time to live is expired, and that is told', async () => {
  const world = new World();
  world.store.put(key(), record({ timeToLiveSeconds: 600 }));
  world.pass(600_000 + HOUR_MS);
  expect(await sweep(world, SENDER, FAR_MS)).toMatchObject({ expired: 0, waiting: { day: 1 } });
  world.pass(1);
  expect(await sweep(world, SENDER, FAR_MS)).toMatchObject({ expired: 1, waiting: NONE });
  expect(world.store.record(key())).toMatchObject({ state: 'expired', settledAtMs: world.now() });
  expect(world.events.events).toMatchObject([{ id: `${SENDER}/m-1/expired`, type: 'fcm.message.expired' }]);
});

test('what a dead DELETE left is cancelled after a minute', async () => {
  const world = new World();
  world.store.put(key(), record({ cancelRequestedAtMs: START_MS }));
  world.pass(60_000);
  expect(await sweep(world, SENDER, FAR_MS)).toMatchObject({ cancelled: 0 });
  world.pass(1);
  expect(await sweep(world, SENDER, FAR_MS)).toMatchObject({ cancelled: 1 });
  expect(world.store.record(key())?.state).toBe('cancelled');
  expect(world.events.events).toMatchObject([{ type: 'fcm.message.cancelled' }]);
});

test('a message that moved on by itself meanwhile is let go', async () => {
  const world = new World();
  world.store.put(key(), record({ cancelRequestedAtMs: START_MS - HOUR_MS }));
  world.store.faults.before = onFirst('update', () => change(world, { state: 'cancelled', updatedAtMs: START_MS }));
  expect(await sweep(world, SENDER, FAR_MS)).toMatchObject({ cancelled: 0, failed: 0, complete: true });
  expect(world.events.events).toEqual([]);
});

test('one that cannot be settled does not stop the others', async () => {
  const world = new World();
  for (const id of ['a', 'b', 'c']) world.store.put(key(id), record({ cancelRequestedAtMs: START_MS - HOUR_MS }));
  world.store.faults.before = failing('update', 2);
  const report = await sweep(world, SENDER, FAR_MS);
  expect(report).toMatchObject({ cancelled: 1, failed: 2, complete: true, cause: { message: 'update failed' } });
  expect(await sweep(world, SENDER, FAR_MS)).toMatchObject({ cancelled: 2, failed: 0 });
});

test('a page that cannot be read ends the run, and is said so', async () => {
  const world = new World();
  world.store.faults.before = failing('page');
  expect(await sweep(world, SENDER, FAR_MS)).toMatchObject({ complete: false, cause: { message: 'page failed' } });
});

test('all pages are gone through', async () => {
  const world = new World();
  for (let at = 0; at < 650; at += 1) world.store.put(key(`m-${at}`), record());
  expect(await sweep(world, SENDER, FAR_MS)).toMatchObject({ waiting: { minute: 650 }, complete: true });
});

test('a run ends when its time is over', async () => {
  const world = new World();
  for (let at = 0; at < 650; at += 1) world.store.put(key(`m-${at}`), record());
  world.store.faults.after = (call) => {
    if (call === 'page') world.pass(1_000);
  };
  expect(await sweep(world, SENDER, START_MS + 1_500)).toMatchObject({ waiting: { minute: 600 }, complete: false });
});
