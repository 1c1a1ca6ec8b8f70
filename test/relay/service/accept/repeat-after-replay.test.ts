import { accept } from '../../../../relay/service/accept/accept.ts';
import { planReplay, replay, type PublishedDeadLetter } from '../../../../relay/service/dead-letters/replay.ts';
import { encodeQueued } from '../../../../relay/protocol/queue/queued.ts';
import { key, request, START_MS, World } from '../service-world.ts';

test('a message that was replayed with a new time to live is still the same to its owner', async () => {
  const world = new World();
  const origin = { owner: 'key:a' } as const;
  expect((await accept(world, origin, request())).outcome).toBe('accepted');
  const stored = await world.store.read(key());
  await world.store.update(key(), stored!.version, { state: 'dead', updatedAtMs: START_MS, settledAtMs: START_MS });
  world.pass(3_600_000);
  const letter: PublishedDeadLetter = {
    payload: encodeQueued({ ...request(), acceptedAtMs: START_MS, ...origin }),
    reason: 'MAX_DELIVERY_ATTEMPTS',
    detail: '',
    origin: 'lane',
    publishedAtMs: START_MS,
    signedBy: { relay: false, queue: true },
  };
  expect(await replay(world, letter, await planReplay(world, letter, { newTtlSeconds: 900 }))).toBe(true);
  const [replayed] = world.queue.queued.slice(-1);
  expect(await accept(world, origin, request())).toMatchObject({ outcome: 'repeated' });
  expect(world.queue.queued.at(-1)).toEqual(replayed); // or the worker would refuse the copy as another message
  expect(await accept(world, origin, request({ data: { a: '2' } }))).toEqual({ outcome: 'conflict' });
});
