import { sweep, type SweepLimits } from '../../../../relay/service/sweep/sweep.ts';
import type { SweepReport } from '../../../../relay/service/sweep/report.ts';
import { change, failing, key, onFirst, record, SENDER, START_MS, World } from '../service-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FAR_MS = START_MS + 1e12;
const NONE = { minute: 0, hour: 0, day: 0, older: 0 };
const LONG = 2_419_200; // seconds: no message of these tests expires
const run = (world: World, limits: Partial<SweepLimits> = {}): Promise<SweepReport> =>
  sweep(world, SENDER, { endMs: FAR_MS, ...limits });

/** As if all of it lay in its lane. */
const inLane = (world: World): void => void Object.assign(world.backlog.oldest, { high: 0, normal: 0 });

test('messages that wait are counted by age and left alone', async () => {
  const world = new World();
  inLane(world);
  const ages = { a: 0, b: 59_999, c: 60_000, d: HOUR_MS, e: DAY_MS };
  for (const [id, ageMs] of Object.entries(ages))
    world.store.put(
      key(id),
      record({ createdAtMs: START_MS - ageMs, updatedAtMs: START_MS - ageMs, timeToLiveSeconds: LONG }),
    );
  world.store.put({ senderId: 'another', messageId: 'x' }, record());
  world.store.put(key('sent'), record({ state: 'sent' }));
  world.store.put(key('acked'), record({ state: 'acked' }));
  expect(await run(world)).toEqual({
    senderId: SENDER,
    visited: 6,
    waiting: { minute: 3, hour: 1, day: 1, older: 1 },
    expired: 0,
    unknown: 0,
    cancelled: 0,
    lost: 0,
    lostLeft: 0,
    republished: 0,
    failed: 0,
    resumed: false,
    complete: true,
  });
  expect(world.progress.saved).toEqual([]); // a quiet run writes nothing
});

test.each([
  ['queued', HOUR_MS, 'expired'],
  ['sent', DAY_MS, 'unknown'], // a send that may have reached FCM (guarantee 9)
] as const)('a %s message that is %i ms past its time to live is %s, and that is told', async (state, graceMs, end) => {
  const world = new World();
  inLane(world);
  world.store.put(key(), record({ state, timeToLiveSeconds: 600 }));
  world.pass(600_000 + graceMs);
  expect(await run(world)).toMatchObject({ [end]: 0, visited: 1 });
  world.pass(1);
  expect(await run(world)).toMatchObject({ [end]: 1, waiting: NONE });
  expect(world.store.record(key())).toMatchObject({ state: end, settledAtMs: world.now() });
  expect(world.events.events).toMatchObject([{ id: `${SENDER}/m-1/${end}`, type: `fcm.message.${end}` }]);
});

test('what a dead DELETE left is cancelled after a minute', async () => {
  const world = new World();
  world.store.put(key(), record({ cancelRequestedAtMs: START_MS }));
  world.pass(60_000);
  expect(await run(world)).toMatchObject({ cancelled: 0 });
  world.pass(1);
  expect(await run(world)).toMatchObject({ cancelled: 1 });
  expect(world.store.record(key())?.state).toBe('cancelled');
  expect(world.events.events).toMatchObject([{ type: 'fcm.message.cancelled' }]);
});

test('what was sent is not cancelled any more', async () => {
  const world = new World();
  world.store.put(key(), record({ state: 'sent', cancelRequestedAtMs: START_MS - HOUR_MS }));
  expect(await run(world)).toMatchObject({ cancelled: 0, waiting: { minute: 1 } });
});

test('a message that moved on by itself meanwhile is let go', async () => {
  const world = new World();
  world.store.put(key(), record({ cancelRequestedAtMs: START_MS - HOUR_MS }));
  world.store.faults.before = onFirst('update', () => change(world, { state: 'cancelled', updatedAtMs: START_MS }));
  expect(await run(world)).toMatchObject({ cancelled: 0, failed: 0, complete: true });
  expect(world.events.events).toEqual([]);
});

describe('a message that is in no queue', () => {
  const abandoned = (world: World, fields: Parameters<typeof record>[0] = {}, id?: string): void =>
    void world.store.put(key(id), record({ timeToLiveSeconds: LONG, ...fields }));

  test.each([
    ['queued', 'dead'],
    ['sent', 'unknown'],
  ] as const)('and %s is %s when its lane has passed it by an hour', async (state, end) => {
    const world = new World();
    abandoned(world, { state });
    world.pass(HOUR_MS);
    expect(await run(world)).toMatchObject({ lost: 0, waiting: { day: 1 } });
    world.pass(1);
    expect(await run(world)).toMatchObject({ lost: 1, lostLeft: 0, waiting: NONE });
    expect(world.store.record(key())).toMatchObject({ state: end, error: 'NOT_IN_QUEUE', settledAtMs: world.now() });
    expect(world.events.events).toMatchObject([
      {
        type: `fcm.message.${end}`,
        data: {
          error: 'NOT_IN_QUEUE',
          error_description:
            'not in its queue: the function died before queueing it, or the queue was deleted or purged',
        },
      },
    ]);
  });

  test('costs no question to Pub/Sub before it could be lost', async () => {
    const world = new World();
    abandoned(world);
    world.pass(HOUR_MS);
    await run(world);
    expect(world.backlog.asked).toEqual([]);
  });

  test('is found in the lane of its priority', async () => {
    const world = new World();
    abandoned(world, { priority: 'high' }, 'high');
    abandoned(world, { priority: 'normal' }, 'normal');
    world.backlog.oldest.normal = START_MS;
    world.pass(DAY_MS);
    expect(await run(world)).toMatchObject({ lost: 1, waiting: { older: 1 } });
    expect(world.store.record(key('high'))?.state).toBe('dead');
  });

  test('is not asked for while it is young, and a lane is asked once', async () => {
    const world = new World();
    for (let at = 0; at < 5; at += 1)
      abandoned(world, { createdAtMs: START_MS - 2 * HOUR_MS, updatedAtMs: START_MS - at * HOUR_MS }, `m-${at}`);
    await run(world);
    expect(world.backlog.asked).toEqual(['normal']);
  });

  test('is only presumed while its lane holds anything as old: nothing of a healthy backlog is touched', async () => {
    const world = new World();
    for (let at = 0; at < 400; at += 1)
      abandoned(world, { createdAtMs: START_MS + at, updatedAtMs: START_MS + at }, `m-${at}`);
    world.pass(5 * DAY_MS); // CCS was away for days
    for (const oldest of [START_MS, START_MS + 10, START_MS + HOUR_MS]) {
      world.backlog.oldest.normal = oldest;
      expect(await run(world)).toMatchObject({ lost: 0, lostLeft: 0, waiting: { older: 400 } });
    }
    world.backlog.oldest.normal = START_MS + HOUR_MS + 101; // now m-0 … m-100 cannot be there
    expect(await run(world)).toMatchObject({ lost: 101, waiting: { older: 299 } });
    expect(world.store.record(key('m-101'))?.state).toBe('queued');
  });

  test('counts from its last write: a repeat or a replay may have queued it then', async () => {
    const world = new World();
    abandoned(world, { updatedAtMs: START_MS + 5 * HOUR_MS });
    world.pass(6 * HOUR_MS);
    expect(await run(world)).toMatchObject({ lost: 0 });
  });

  test.each([
    ['it cannot be told', (world: World) => void (world.backlog.oldest.normal = undefined), undefined],
    [
      'the question fails',
      (world: World) => void (world.backlog.faults.before = failing('oldest')),
      { message: 'oldest failed' },
    ],
  ])('is left where %s', async (_, prepare, cause) => {
    const world = new World();
    abandoned(world);
    world.pass(DAY_MS);
    prepare(world);
    const report = await run(world);
    expect(report).toMatchObject({ lost: 0, failed: 0, waiting: { older: 1 }, complete: true });
    expect(report.cause).toEqual(cause === undefined ? undefined : expect.objectContaining(cause));
  });

  test('is settled only as it was read: one that a worker ends meanwhile stays as it ended', async () => {
    const world = new World();
    abandoned(world);
    world.pass(DAY_MS);
    world.backlog.faults.before = onFirst('oldest', () => change(world, { state: 'acked', updatedAtMs: world.now() }));
    expect(await run(world)).toMatchObject({ lost: 0, failed: 0 });
    expect(world.store.record(key())?.state).toBe('acked');
  });

  test('is one of a few: of more, the rest is counted and left', async () => {
    const world = new World();
    for (let at = 0; at < 400; at += 1) abandoned(world, {}, `m-${at}`);
    world.pass(DAY_MS);
    expect(await run(world, { lost: 350 })).toMatchObject({ lost: 350, lostLeft: 50 });
    expect(await run(world, { lost: 350 })).toMatchObject({ lost: 50, lostLeft: 0 });
  });
});

describe('what fails', () => {
  const doomed = (world: World, count: number): void => {
    for (let at = 0; at < count; at += 1)
      world.store.put(key(`m-${at}`), record({ cancelRequestedAtMs: START_MS - HOUR_MS }));
  };

  test('does not stop the others', async () => {
    const world = new World();
    doomed(world, 3);
    world.store.faults.before = failing('update', 2);
    expect(await run(world)).toMatchObject({
      cancelled: 1,
      failed: 2,
      complete: true,
      cause: { message: 'update failed' },
    });
    expect(await run(world)).toMatchObject({ cancelled: 2, failed: 0, republished: 0 });
  });

  test('to be told is told by the next run, once', async () => {
    const world = new World();
    doomed(world, 3);
    world.events.faults.before = failing('publish', 2);
    expect(await run(world)).toMatchObject({ cancelled: 1, failed: 2 });
    expect(await run(world)).toMatchObject({ cancelled: 0, republished: 2, failed: 0 });
    expect(new Set(world.events.events.map(({ id }) => id)).size).toBe(3);
    expect(await run(world)).toMatchObject({ republished: 0 });
    expect(world.progress.saved.at(-1)).toStrictEqual({ unpublished: [] });
    expect(world.events.events).toHaveLength(3);
  });

  test('of a message that is gone since is not told, and no failure', async () => {
    const world = new World();
    await world.progress.save(SENDER, { unpublished: ['gone'] });
    expect(await run(world)).toMatchObject({ republished: 0, failed: 0, complete: true });
  });

  test('again is told by a later run', async () => {
    const world = new World();
    doomed(world, 1);
    world.events.faults.before = failing('publish', 2);
    await run(world);
    expect(await run(world)).toMatchObject({ republished: 0, failed: 1 });
    expect(await run(world)).toMatchObject({ republished: 1, failed: 0 });
  });

  test('with the process is told by the next one: the list stands before the first end', async () => {
    const world = new World();
    doomed(world, 2);
    const dying = new Promise<never>(() => undefined);
    world.events.faults.before = () => dying; // killed before the events went out
    void run(world);
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.store.record(key('m-0'))?.state).toBe('cancelled');
    delete world.events.faults.before;
    expect(await run(world)).toMatchObject({ republished: 2, cancelled: 0 });
    expect(world.events.events).toHaveLength(2);
  });

  test('for everything ends the run: the list of the unpublished stays short', async () => {
    const world = new World();
    doomed(world, 900);
    world.events.faults.before = failing('publish');
    expect(await run(world)).toMatchObject({ failed: 300, visited: 300, complete: false });
    delete world.events.faults.before;
    expect(await run(world)).toMatchObject({ republished: 300, cancelled: 600, resumed: true, complete: true });
    expect(world.events.events).toHaveLength(900);
  });

  test.each(['page', 'load', 'save'])('at "%s" ends the run, and is said so', async (call) => {
    const world = new World();
    doomed(world, 1);
    world.store.faults.before = failing(call);
    world.progress.faults.before = failing(call);
    expect(await run(world)).toMatchObject({
      complete: false,
      cancelled: 0,
      resumed: false,
      cause: { message: `${call} failed` },
    });
    expect(world.store.record(key('m-0'))?.state).toBe('queued');
  });
});

describe('a run', () => {
  const waiting = (world: World, count: number): void => {
    for (let at = 0; at < count; at += 1) world.store.put(key(`m-${String(at).padStart(4, '0')}`), record());
  };

  test('goes through all pages, and writes nothing while nothing is to be ended', async () => {
    const world = new World();
    waiting(world, 650);
    const report = await run(world);
    expect(report).toMatchObject({ visited: 650, waiting: { minute: 650 }, complete: true });
    expect(report).not.toHaveProperty('cause');
    expect(world.progress.saved).toEqual([]);
  });

  test('without time looks at nothing', async () => {
    const world = new World();
    waiting(world, 1);
    expect(await run(world, { endMs: world.now() })).toMatchObject({ visited: 0, complete: false });
  });

  test('ends when its time is over, and the next one goes on there', async () => {
    const world = new World();
    waiting(world, 650);
    world.store.faults.after = (call) => {
      if (call === 'page') world.pass(1_000);
    };
    expect(await run(world, { endMs: START_MS + 1_500 })).toMatchObject({
      visited: 600,
      resumed: false,
      complete: false,
    });
    expect(await run(world)).toMatchObject({ visited: 50, resumed: true, complete: true });
    expect(await run(world)).toMatchObject({ visited: 650, resumed: false, complete: true });
  });

  test('looks at no more than its limit, so that the last of a long backlog have their turn too', async () => {
    const world = new World();
    waiting(world, 650);
    world.store.put(key('z'), record({ cancelRequestedAtMs: START_MS - HOUR_MS }));
    expect(await run(world, { visits: 600 })).toMatchObject({ visited: 600, cancelled: 0, complete: false });
    expect(await run(world, { visits: 600 })).toMatchObject({ visited: 51, cancelled: 1, complete: true });
  });
});
