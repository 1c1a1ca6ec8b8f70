import { cancel } from '../../../../relay/service/settle/cancel.ts';
import { MESSAGE_STATES } from '../../../../relay/model/record.ts';
import { CANCEL_WAIT_MS } from '../../../../relay/model/timing.ts';
import { change, failing, key, onFirst, record, START_MS, World } from '../service-world.ts';

/** A world whose waits take no time and may have things happen in them. */
function waiting(during?: (world: World) => unknown) {
  const world = new World();
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms);
    world.pass(ms);
    await during?.(world);
  };
  return { world, waits, ports: Object.assign(world, { wait }) };
}

describe('a DELETE', () => {
  test('cancels a message that waits: asks, waits out the workers, settles, tells', async () => {
    const { world, waits, ports } = waiting(({ store }) => {
      expect(store.record(key())).toMatchObject({ state: 'queued', cancelRequestedAtMs: START_MS });
    });
    world.store.put(key(), record());
    const cancellation = await cancel(ports, key());
    const settledAtMs = START_MS + CANCEL_WAIT_MS;
    expect(cancellation).toEqual({ outcome: 'cancelled', record: world.store.record(key()) });
    expect(world.store.record(key())).toMatchObject({ state: 'cancelled', settledAtMs, updatedAtMs: settledAtMs });
    expect(waits).toEqual([CANCEL_WAIT_MS]);
    expect(world.events.events).toEqual([
      expect.objectContaining({ id: '1234567890/m-1/cancelled', type: 'fcm.message.cancelled', timeMs: settledAtMs }),
    ]);
  });

  test('of an unknown message finds nothing', async () => {
    expect(await cancel(waiting().ports, key())).toEqual({ outcome: 'notFound' });
  });

  test.each(MESSAGE_STATES.filter((state) => state !== 'queued' && state !== 'cancelled'))(
    'is too late for a message that is %s',
    async (state) => {
      const { world, ports } = waiting();
      world.store.put(key(), record({ state }));
      expect(await cancel(ports, key())).toEqual({ outcome: 'tooLate', record: record({ state }) });
      expect(world.store.record(key())).toEqual(record({ state }));
      expect(world.events.events).toEqual([]);
    },
  );

  test.each([
    ['when it was settled', { settledAtMs: START_MS + 7 }, START_MS + 7],
    ['when it was changed last, if that is not known', { updatedAtMs: START_MS + 9 }, START_MS + 9],
  ])('of a cancelled message succeeds, and republishes its event: %s', async (_, fields, timeMs) => {
    const { world, ports } = waiting();
    const cancelled = record({ state: 'cancelled', ...fields });
    world.store.put(key(), cancelled);
    expect(await cancel(ports, key())).toEqual({ outcome: 'cancelled', record: cancelled });
    expect(world.events.events).toMatchObject([{ id: '1234567890/m-1/cancelled', timeMs }]);
  });
});

describe('a worker that is at the message already', () => {
  test('and says so while the DELETE waits, wins', async () => {
    const { world, ports } = waiting((w) => change(w, { state: 'sent', updatedAtMs: START_MS + 1 }));
    world.store.put(key(), record());
    expect(await cancel(ports, key())).toMatchObject({ outcome: 'tooLate', record: { state: 'sent' } });
    expect(world.store.record(key())?.state).toBe('sent');
  });

  test('and writes between the last look and the settling, wins', async () => {
    const { world, ports } = waiting(({ store }) => {
      store.faults.before = onFirst('update', () => change(world, { state: 'acked', updatedAtMs: START_MS + 1 }));
    });
    world.store.put(key(), record());
    expect(await cancel(ports, key())).toMatchObject({ outcome: 'tooLate', record: { state: 'acked' } });
    expect(world.events.events).toEqual([]);
  });

  test('and writes between the first look and the request, is looked at anew', async () => {
    const { world, waits, ports } = waiting();
    world.store.put(key(), record());
    world.store.faults.before = onFirst('update', () => change(world, { state: 'sent', updatedAtMs: START_MS + 1 }));
    expect(await cancel(ports, key())).toMatchObject({ outcome: 'tooLate', record: { state: 'sent' } });
    expect(waits).toEqual([]);
  });

  test('and whose document is taken away meanwhile, leaves nothing to cancel', async () => {
    const { world, ports } = waiting(({ store }) => store.delete(key()));
    world.store.put(key(), record());
    expect(await cancel(ports, key())).toEqual({ outcome: 'notFound' });
  });
});

describe('more than one DELETE', () => {
  test('at once: both succeed, the message settles once', async () => {
    const { world, ports } = waiting(() => new Promise(setImmediate));
    world.store.put(key(), record());
    const both = await Promise.all([cancel(ports, key()), cancel(ports, key())]);
    expect(both.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
    expect(new Set(world.events.events.map(({ id }) => id)).size).toBe(1);
  });

  test('the second takes up what the first left when it died, and waits for itself', async () => {
    const { world, waits, ports } = waiting();
    world.store.put(key(), record({ cancelRequestedAtMs: START_MS - 60_000 }));
    expect((await cancel(ports, key())).outcome).toBe('cancelled');
    expect(waits).toEqual([CANCEL_WAIT_MS]);
  });

  test('a request that was taken back and made anew is waited for anew', async () => {
    let times = 0;
    const { world, waits, ports } = waiting(async (w) => {
      times += 1;
      if (times === 1) await change(w, { cancelRequestedAtMs: START_MS + 1, updatedAtMs: START_MS + 1 });
    });
    world.store.put(key(), record());
    expect((await cancel(ports, key())).outcome).toBe('cancelled');
    expect(waits).toHaveLength(2);
  });
});

describe('when a port fails', () => {
  test('a document that never stops changing is left, and said so', async () => {
    let at = START_MS;
    const { world, waits, ports } = waiting((w) => change(w, { cancelRequestedAtMs: ++at, updatedAtMs: at }));
    world.store.put(key(), record());
    expect(await cancel(ports, key())).toEqual({ outcome: 'unsettled' });
    expect(waits).toHaveLength(7); // the first of 8 looks was followed by the request
    expect(world.store.record(key())?.state).toBe('queued');
  });

  test('a DELETE that dies after its request leaves it standing, for whoever comes to the message', async () => {
    const { world, ports } = waiting(({ store }) => void (store.faults.before = failing('read')));
    world.store.put(key(), record());
    await expect(cancel(ports, key())).rejects.toThrow('read failed');
    expect(world.store.record(key())).toMatchObject({ state: 'queued', cancelRequestedAtMs: START_MS });
  });

  test('an event that cannot be published is published by the next DELETE', async () => {
    const { world, ports } = waiting();
    world.store.put(key(), record());
    world.events.faults.before = failing('publish', 1);
    await expect(cancel(ports, key())).rejects.toThrow('publish failed');
    expect((await cancel(ports, key())).outcome).toBe('cancelled');
    expect(world.events.events).toHaveLength(1);
  });
});
