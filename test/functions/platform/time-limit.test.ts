import { limitedQueue, limitedStore } from '../../../functions/platform/time-limit.ts';
import type { MessageRecord } from '../../../relay/model/record.ts';
import type { QueuedMessage } from '../../../relay/protocol/queue/queued.ts';

const LIMITS = { callMs: 10, createMs: 5 };
const KEY = { senderId: '1', messageId: 'm1' };
const RECORD = {} as MessageRecord;
const frozen = (): Promise<never> => new Promise(() => undefined);

test('what does not answer fails when its time is over, each call on its own', async () => {
  const store = limitedStore({ read: frozen, create: frozen, update: frozen }, LIMITS);
  await expect(store.read(KEY)).rejects.toThrow('Firestore read: no answer within 10 ms');
  await expect(store.create(KEY, RECORD)).rejects.toMatchObject({ code: 'TIME_LIMIT' });
  await expect(store.update(KEY, '1' as never, { updatedAtMs: 0 })).rejects.toMatchObject({ code: 'TIME_LIMIT' });
  await expect(limitedQueue({ enqueue: frozen }, LIMITS).enqueue({} as QueuedMessage)).rejects.toThrow(
    'Pub/Sub publish',
  );
});

test('what answers in time is passed on as it is, failures too, and leaves no timer behind', async () => {
  const failure = new Error('no');
  const store = limitedStore({
    read: () => Promise.resolve(undefined),
    create: () => Promise.reject(failure),
    update: frozen,
  });
  expect(await store.read(KEY)).toBeUndefined();
  await expect(store.create(KEY, RECORD)).rejects.toBe(failure);
});
