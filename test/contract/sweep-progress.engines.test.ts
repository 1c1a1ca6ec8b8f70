import { openFirestore } from '../../relay/adapters/firestore/client.ts';
import { documentName } from '../../relay/adapters/firestore/document-name.ts';
import { FirestoreSweepProgress } from '../../relay/adapters/firestore/sweep-progress.ts';
import { text } from '../../relay/adapters/firestore/wire.ts';
import type { SweepProgressStore } from '../../relay/model/ports.ts';
import { engines, namespace } from '../../dev/stack/engines.ts';
import { MemorySweepProgress } from '../support/memory/sweep-progress.ts';

const client = openFirestore({ projectId: engines().projectId });
afterAll(() => client.close());

describe.each<[string, SweepProgressStore]>([
  ['in memory', new MemorySweepProgress()],
  ['Firestore', new FirestoreSweepProgress(client.gateway)],
])('SweepProgressStore: %s', (_, store) => {
  const { senderId } = namespace();

  test('is empty before the first save', async () => {
    expect(await store.load(senderId)).toEqual({ unpublished: [] });
  });

  test('comes back as it was saved last', async () => {
    const unpublished = Array.from({ length: 600 }, (__, at) => `${at}-${'"'.repeat(200)}`);
    await store.save(senderId, { afterMessageId: 'm "1"', unpublished });
    expect(await store.load(senderId)).toEqual({ afterMessageId: 'm "1"', unpublished });
    await store.save(senderId, { unpublished: [] });
    expect(await store.load(senderId)).toEqual({ unpublished: [] });
  });

  test('belongs to one sender', async () => {
    await store.save(senderId, { afterMessageId: 'a', unpublished: ['b'] });
    expect(await store.load(namespace().senderId)).toEqual({ unpublished: [] });
  });
});

test.each(['no JSON', '[]', '{"untold": 1}', 'null'])(
  'what somebody wrote by hand (%s) counts as nothing',
  async (written) => {
    const { senderId } = namespace();
    const name = documentName(await client.gateway.root(), senderId, 'sweep', 'progress') ?? '';
    await client.gateway.commit([{ update: { name, fields: { progress: text(written) } } }]);
    expect(await new FirestoreSweepProgress(client.gateway).load(senderId)).toEqual({ unpublished: [] });
  },
);

test('the list of an earlier release is read, and an earlier release can read ours: the stored key stays', async () => {
  const { senderId } = namespace();
  const name = documentName(await client.gateway.root(), senderId, 'sweep', 'progress') ?? '';
  const store = new FirestoreSweepProgress(client.gateway);
  const written = '{"afterMessageId":"a","untold":["b"]}';
  await client.gateway.commit([{ update: { name, fields: { progress: text(written) } } }]);
  const progress = await store.load(senderId);
  expect(progress).toEqual({ afterMessageId: 'a', unpublished: ['b'] });
  await store.save(senderId, progress);
  const stored = (await client.gateway.batchGet([name])).get(name);
  expect(stored?.fields['progress']).toMatchObject({ stringValue: written });
});
