import { Firestore, Timestamp } from '@google-cloud/firestore';
import { openFirestore } from '../../../../relay/adapters/firestore/client.ts';
import { FirestoreDeliveries } from '../../../../relay/adapters/firestore/deliveries.ts';
import { FirestoreMessages } from '../../../../relay/adapters/firestore/messages.ts';
import { MESSAGE_STATES, type MessageRecord } from '../../../../relay/model/record.ts';
import { aRecord } from '../../../contract/message-store.contract.ts';
import { engines, namespace } from '../../../../dev/stack/engines.ts';

const { projectId } = engines();
const { senderId } = namespace();
const client = openFirestore({ projectId });
const store = new FirestoreMessages(client.gateway);
const deliveries = new FirestoreDeliveries(client.gateway);
const sdk = new Firestore({ projectId });
const path = (messageId: string): string => `senders/${senderId}/messages/${messageId}`;
beforeAll(() => store.read({ senderId, messageId: 'none' }), 30_000);
afterAll(() => Promise.all([client.close(), sdk.terminate()]));

test('the document has the names and types of design.md', async () => {
  const at = 1_790_000_000_123;
  const record: MessageRecord = aRecord({
    error: 'INVALID_JSON',
    errorDescription: 'why',
    cancelRequestedAtMs: at + 1,
    settledAtMs: at + 2,
  });
  await store.create({ senderId, messageId: 'names' }, record);
  const time = (ms: number): Timestamp => Timestamp.fromMillis(ms);
  expect((await sdk.doc(path('names')).get()).data()).toEqual({
    state: 'queued',
    target: { kind: 'token', hash: 'b0b5' },
    priority: 'high',
    time_to_live: 3600,
    attempts: 0,
    error: 'INVALID_JSON',
    error_description: 'why',
    owner: 'orders-backend',
    content_hash: 'c0ffee',
    cancel_requested_at: time(at + 1),
    created_at: time(at),
    updated_at: time(at),
    settled_at: time(at + 2),
    expire_at: time(record.expireAtMs),
  });
});

const ODD: Record<string, unknown> = {
  null: null,
  boolean: true,
  number: 1.5,
  nan: Number.NaN,
  text: 'x',
  list: [1, 'a', null],
  map: { kind: 7, hash: [] },
  bytes: Buffer.from('x'),
  time: Timestamp.fromMillis(1),
};
const NAMES = [
  'state',
  'target',
  'priority',
  'time_to_live',
  'attempts',
  'error',
  'error_description',
  'owner',
  'content_hash',
  'cancel_requested_at',
  'created_at',
  'updated_at',
  'settled_at',
  'expire_at',
];

test.each(Object.keys(ODD))('a document with a %s in every field is read as a record all the same', async (kind) => {
  await sdk.doc(path(kind)).set(Object.fromEntries(NAMES.map((name) => [name, ODD[kind]])));
  const { record } = (await store.read({ senderId, messageId: kind }))!;
  expect(MESSAGE_STATES).toContain(record.state);
  expect(['high', 'normal']).toContain(record.priority);
  expect(record.target).toEqual({ kind: 'token', hash: '' });
  for (const value of [
    record.timeToLiveSeconds,
    record.attempts,
    record.createdAtMs,
    record.updatedAtMs,
    record.expireAtMs,
  ])
    expect(Number.isFinite(value)).toBe(true);
  for (const value of [record.error, record.errorDescription, record.owner, record.contentHash])
    expect(['string', 'undefined']).toContain(typeof value);
  for (const value of [record.cancelRequestedAtMs, record.settledAtMs])
    expect(['number', 'undefined']).toContain(typeof value);
});

/** The part of a record that the worker reads. */
const partOf = ({
  state,
  attempts,
  error,
  errorDescription,
  contentHash,
  cancelRequestedAtMs,
  updatedAtMs,
  settledAtMs,
}: MessageRecord) => ({
  state,
  attempts,
  error,
  errorDescription,
  contentHash,
  cancelRequestedAtMs,
  updatedAtMs,
  settledAtMs,
});

test.each(Object.keys(ODD))(
  'the worker reads of a document with a %s in every field what a whole reading finds there',
  async (kind) => {
    const key = { senderId, messageId: `part ${kind}` };
    await sdk.doc(path(key.messageId)).set(Object.fromEntries(NAMES.map((name) => [name, ODD[kind]])));
    const { record, version } = (await store.read(key))!;
    expect(await deliveries.read(key)).toEqual({ record: partOf(record), version });
  },
);

test('the worker makes, reads and changes a document as anybody does, and reads no more of it than it needs', async () => {
  const key = { senderId, messageId: 'delivery' };
  expect(await deliveries.read(key)).toBeUndefined();
  const record = aRecord({
    error: 'CONNECTION_DRAINING',
    errorDescription: 'why',
    cancelRequestedAtMs: 5,
    settledAtMs: 6,
    attempts: 2,
  });
  expect(await deliveries.create(key, record)).toMatchObject({ outcome: 'created' });
  const { record: read, version } = (await deliveries.read(key))!;
  expect(read).toStrictEqual(partOf(record));
  expect(await deliveries.update(key, version, { state: 'acked', updatedAtMs: 7 })).toMatchObject({
    outcome: 'written',
  });
  expect(await deliveries.update(key, version, { state: 'dead', updatedAtMs: 8 })).toEqual({ outcome: 'conflict' });
  expect((await store.read(key))!.record).toEqual({ ...record, state: 'acked', updatedAtMs: 7 });
});

test('an empty document is a queued message made when the document was', async () => {
  const beforeMs = Date.now() - 60_000;
  await sdk.doc(path('empty')).set({});
  const { record } = (await store.read({ senderId, messageId: 'empty' }))!;
  expect(record).toMatchObject({ state: 'queued', priority: 'normal', attempts: 0, timeToLiveSeconds: 2_419_200 });
  expect(record.createdAtMs).toBeGreaterThan(beforeMs);
  expect(record.expireAtMs).toBe(record.createdAtMs + 2_419_200_000);
});

test('a field that is not ours is left alone by an update', async () => {
  await sdk.doc(path('noted')).set({ state: 'queued', note: 'by hand' });
  const { version } = (await store.read({ senderId, messageId: 'noted' }))!;
  expect(
    await store.update({ senderId, messageId: 'noted' }, version, { state: 'dead', updatedAtMs: 1 }),
  ).toMatchObject({ outcome: 'written' });
  expect((await sdk.doc(path('noted')).get()).data()).toMatchObject({ state: 'dead', note: 'by hand' });
});
