import { openFirestore } from '../../../../relay/adapters/firestore/client.ts';
import type { Gateway } from '../../../../relay/adapters/firestore/gateway.ts';
import { FirestoreMessages } from '../../../../relay/adapters/firestore/messages.ts';
import type { Version } from '../../../../relay/model/ports.ts';
import { aRecord } from '../../../contract/message-store.contract.ts';
import { engines, namespace } from '../../../../dev/stack/engines.ts';

const client = openFirestore({ projectId: engines().projectId });
const { senderId } = namespace();
beforeAll(() => client.gateway.batchGet([]).catch(() => undefined), 30_000);
afterAll(() => client.close());

const failure = (code: number): Error => Object.assign(new Error(`code ${code}`), { code });

/** The real gateway, whose commits fail as told: `before` it happened, or `after`. */
function faulty(plan: ({ before: number } | { after: number } | 'well')[]) {
  const calls = { commit: 0, batchWrite: 0 };
  const gateway: Gateway = {
    ...client.gateway,
    commit: async (writes) => {
      calls.commit += 1;
      const next = plan.shift() ?? 'well';
      if (next !== 'well' && 'before' in next) throw failure(next.before);
      const times = await client.gateway.commit(writes);
      if (next !== 'well') throw failure(next.after);
      return times;
    },
    batchWrite: (writes) => {
      calls.batchWrite += 1;
      return client.gateway.batchWrite(writes);
    },
  };
  return { store: new FirestoreMessages(gateway, { retryDelayMs: 5, tries: 3 }), calls };
}

let count = 0;
const newKey = () => ({ senderId, messageId: `f${++count}` });
const versionOf = (answer: { outcome: string; version?: Version }): Version => answer.version!;

const UNAVAILABLE = 14;
const TRANSIENT = [1, 2, 4, 8, 10, 13, UNAVAILABLE];

test.each(TRANSIENT)('a commit that fails with code %d before it happened is tried again', async (code) => {
  const { store, calls } = faulty([{ before: code }]);
  const key = newKey();
  const answer = await store.create(key, aRecord());
  expect(answer.outcome).toBe('created');
  expect(calls.commit).toBe(2);
  expect(await store.read(key)).toEqual({ record: aRecord(), version: versionOf(answer) });
});

test.each(TRANSIENT)(
  'a create and an update whose answers were lost with code %d count as done, at the right version',
  async (code) => {
    const { store } = faulty([{ after: code }, 'well', { after: code }]);
    const key = newKey();
    const created = await store.create(key, aRecord({ errorDescription: 'x'.repeat(5000) }));
    expect(created.outcome).toBe('created');
    const updated = await store.update(key, versionOf(created), {
      state: 'acked',
      error: undefined,
      errorDescription: undefined,
      attempts: 1,
      updatedAtMs: 5,
    });
    expect(updated.outcome).toBe('written');
    expect(await store.read(key)).toMatchObject({
      record: { state: 'acked', attempts: 1 },
      version: versionOf(updated),
    });
  },
);

test('a create that failed before it happened, and found another in its place, says exists', async () => {
  const { store } = faulty([{ before: UNAVAILABLE }]);
  const key = newKey();
  await new FirestoreMessages(client.gateway).create(key, aRecord({ owner: 'the other' }));
  expect(await store.create(key, aRecord())).toEqual({ outcome: 'exists' });
});

test('an update that failed before it happened, and found the document changed, says conflict', async () => {
  const { store } = faulty(['well', { before: UNAVAILABLE }]);
  const key = newKey();
  const version = versionOf(await store.create(key, aRecord()));
  await new FirestoreMessages(client.gateway).update(key, version, { state: 'cancelled', updatedAtMs: 7 });
  expect(await store.update(key, version, { state: 'acked', updatedAtMs: 8 })).toEqual({ outcome: 'conflict' });
});

test('a write rejects when every try failed', async () => {
  const { store, calls } = faulty([1, 2, 3].map(() => ({ before: UNAVAILABLE })));
  await expect(store.create(newKey(), aRecord())).rejects.toMatchObject({ code: UNAVAILABLE });
  expect(calls.commit).toBe(3);
});

test('a write that is not permitted rejects at once', async () => {
  const { store, calls } = faulty([{ before: 7 }]);
  const writes = [newKey(), newKey()].map((key) => store.create(key, aRecord()));
  expect((await Promise.allSettled(writes)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(calls).toEqual({ commit: 1, batchWrite: 0 });
});

test('a conflict in a group costs one more RPC, not one a write', async () => {
  const { store, calls } = faulty([]);
  const taken = newKey();
  await store.create(taken, aRecord());
  const answers = await Promise.all([newKey(), taken, newKey(), newKey()].map((key) => store.create(key, aRecord())));
  expect(answers.map(({ outcome }) => outcome)).toEqual(['created', 'exists', 'created', 'created']);
  expect(calls).toEqual({ commit: 2, batchWrite: 1 });
});

test('a document that Firestore cannot take fails alone', async () => {
  const { store } = faulty([]);
  const tooLarge = store.create(newKey(), aRecord({ target: { kind: 'topic', topic: 't'.repeat(1_100_000) } }));
  const innocent = [newKey(), newKey(), newKey()].map((key) => store.create(key, aRecord()));
  await expect(tooLarge).rejects.toMatchObject({ code: 3 });
  expect((await Promise.all(innocent)).map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
});

test('a lone surrogate in a text is written as U+FFFD and harms nobody', async () => {
  const { store } = faulty([]);
  const key = newKey();
  await Promise.all([store.create(key, aRecord({ errorDescription: 'a\ud800b' })), store.create(newKey(), aRecord())]);
  expect((await store.read(key))?.record.errorDescription).toBe('a\ufffdb');
});

test.each(['', 'a/b', '.', '..', '__x__', 'x'.repeat(1501), '\ud800'])(
  'no document can be called %j: read finds none, create rejects, update conflicts',
  async (messageId) => {
    const { store } = faulty([]);
    const key = { senderId, messageId };
    expect(await store.read(key)).toBeUndefined();
    await expect(store.create(key, aRecord())).rejects.toMatchObject({ code: 'UNUSABLE_ID' });
    expect(await store.update(key, '1.1000' as Version, { updatedAtMs: 1 })).toEqual({ outcome: 'conflict' });
  },
);

test('drain waits for the writes under way', async () => {
  const { store } = faulty([{ before: UNAVAILABLE }]);
  let done = false;
  const write = store.create(newKey(), aRecord()).then(() => (done = true));
  await new Promise(setImmediate); // past the path, into the group
  await store.drain();
  await write;
  expect(done).toBe(true);
});
