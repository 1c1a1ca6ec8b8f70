import { INTAKE_REASONS } from '../../relay/core/intake.ts';
import { settleDead } from '../../relay/core/intake-dead.ts';
import { MESSAGE_STATES } from '../../relay/core/record.ts';
import { change, failing, key, onFirst, record, START_MS, World } from './intake-world.ts';

const DEAD = { key: key(), reason: 'UNKNOWN_VERSION', detail: '"v" is not 1', publishedAtMs: START_MS };

test.each([['queued', 'dead'], ['sent', 'unknown']] as const)('a %s message that is dead-lettered is %s, with the reason, and that is told', async (state, end) => {
  const world = new World();
  world.store.put(key(), record({ state }));
  expect(await settleDead(world, DEAD)).toBe('settled');
  expect(world.store.record(key())).toMatchObject({ state: end, error: DEAD.reason, errorDescription: DEAD.detail, settledAtMs: START_MS });
  expect(world.events.events).toMatchObject([
    { id: `1234567890/m-1/${end}`, type: `fcm.message.${end}`, data: { error: DEAD.reason, error_description: DEAD.detail } },
  ]);
  expect(await settleDead(world, DEAD)).toBe('repeated');
});

test('the letter delivered again changes nothing, and tells the same again', async () => {
  const world = new World();
  world.store.put(key(), record());
  await settleDead(world, DEAD);
  const settled = world.store.record(key());
  expect(await settleDead(world, DEAD)).toBe('repeated');
  expect(world.store.record(key())).toEqual(settled);
  expect(world.events.events[1]).toEqual(world.events.events[0]);
});

test.each(MESSAGE_STATES.filter((state) => !['queued', 'sent', 'dead'].includes(state)))('a message that is %s stays so', async (state) => {
  const world = new World();
  world.store.put(key(), record({ state }));
  expect(await settleDead(world, DEAD)).toBe('left');
  expect(world.store.record(key())?.state).toBe(state);
});

test('a letter without an id, or for an unknown message, settles nothing', async () => {
  const world = new World();
  expect(await settleDead(world, { reason: 'NOT_JSON', detail: '', publishedAtMs: START_MS })).toBe('noMessage');
  expect(await settleDead(world, { reason: 'MAX_DELIVERY_ATTEMPTS', detail: '', publishedAtMs: START_MS })).toBe('noMessage');
  expect(await settleDead(world, DEAD)).toBe('noMessage');
  expect(world.store.size).toBe(0);
});

test.each(INTAKE_REASONS)('a request that was refused as %s does not settle the message that has its id', async (reason) => {
  const world = new World();
  world.store.put(key(), record());
  expect(await settleDead(world, { ...DEAD, reason })).toBe('noMessage');
  expect(world.store.record(key())).toEqual(record());
});

test.each(['queued', 'sent'] as const)('a letter that was replayed is not believed again: the message is %s', async (state) => {
  const world = new World();
  world.store.put(key(), record({ state, replayedToMs: START_MS }));
  expect(await settleDead(world, DEAD)).toBe('replayed');
  expect(world.store.record(key())?.state).toBe(state);
  expect(world.events.events).toEqual([]);
});

test('a message that was replayed and is dead-lettered again is dead again', async () => {
  const world = new World();
  world.store.put(key(), record({ replayedToMs: START_MS }));
  expect(await settleDead(world, { ...DEAD, publishedAtMs: START_MS + 1 })).toBe('settled');
});

test('a message that a worker writes meanwhile is looked at anew', async () => {
  const world = new World();
  world.store.put(key(), record());
  world.store.faults.before = onFirst('update', () => change(world, { state: 'acked', updatedAtMs: START_MS }));
  expect(await settleDead(world, DEAD)).toBe('left');
});

test('a message that keeps changing, and a store that fails, ask for the letter again', async () => {
  const world = new World();
  world.store.put(key(), record());
  let inside = false;
  let rounds = 0;
  world.store.faults.before = async (call) => {
    if (call !== 'update' || inside) return;
    inside = true;
    rounds += 1;
    await change(world, { attempts: 1, updatedAtMs: START_MS });
    inside = false;
  };
  await expect(settleDead(world, DEAD)).rejects.toThrow('kept changing');
  expect(rounds).toBe(8);
  world.store.faults.before = failing('read');
  await expect(settleDead(world, DEAD)).rejects.toThrow('read failed');
});
