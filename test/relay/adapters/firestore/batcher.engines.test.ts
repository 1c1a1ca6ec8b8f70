import { Batcher, type BatcherOptions } from '../../../../relay/adapters/batcher.ts';

interface Item {
  readonly key: string;
  readonly n: number;
}

/** A group commit whose groups are answered by hand, in any order. */
function byHand(options: Partial<BatcherOptions<Item, number>> = {}) {
  const groups: { readonly items: readonly Item[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const commit = new Batcher<Item, number>({
    perform: (items) =>
      new Promise((resolve, reject) => {
        groups.push({
          items,
          answer: () => resolve(items.map(({ n }) => ({ status: 'fulfilled', value: n }))),
          fail: reject,
        });
      }),
    keyOf: ({ key }) => key,
    bytesOf: ({ n }) => n,
    maxItems: 3,
    maxBytes: 1000,
    maxInFlight: 2,
    lingerMs: 5,
    ...options,
  });
  return { commit, groups, sizes: () => groups.map(({ items }) => items.length) };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const LONG_MS = 60_000;

test('what is handed in within a turn of the event loop goes out together, and waits for nobody when nothing is under way', async () => {
  const { commit, groups } = byHand({ lingerMs: LONG_MS });
  const answers = [commit.add({ key: 'a', n: 1 }), commit.add({ key: 'b', n: 2 })];
  expect(groups).toEqual([]);
  await settled();
  expect(groups.map(({ items }) => items.map(({ n }) => n))).toEqual([[1, 2]]);
  groups[0]!.answer();
  expect(await Promise.all(answers)).toEqual([1, 2]);
});

test('what comes while a group is under way gathers until that is back, and goes at once then', async () => {
  const { commit, groups, sizes } = byHand({ lingerMs: LONG_MS });
  const answers = [commit.add({ key: 'a', n: 1 })];
  await settled();
  answers.push(commit.add({ key: 'b', n: 2 }));
  await settled();
  answers.push(commit.add({ key: 'c', n: 3 }));
  await settled();
  expect(sizes()).toEqual([1]);
  groups[0]!.answer();
  await answers[0];
  expect(sizes()).toEqual([1, 2]);
  groups[1]!.answer();
  expect(await Promise.all(answers)).toEqual([1, 2, 3]);
});

test('it goes while a group is under way, too, once it has waited for the linger time', async () => {
  const { commit, groups } = byHand({ lingerMs: 5 });
  const first = commit.add({ key: 'a', n: 1 });
  await settled();
  const second = commit.add({ key: 'b', n: 2 });
  expect(groups).toHaveLength(1);
  await settled();
  expect(groups).toHaveLength(2);
  groups[1]!.answer();
  expect(await second).toBe(2);
  groups[0]!.answer();
  expect(await first).toBe(1);
});

test('a full group goes at once, and no more groups than allowed are under way', async () => {
  const { commit, groups, sizes } = byHand();
  const answers = Array.from({ length: 11 }, (_, n) => commit.add({ key: `k${n}`, n }));
  expect(sizes()).toEqual([3, 3]);
  await settled();
  expect(sizes()).toEqual([3, 3]);
  for (let at = 0; at < 4; at += 1) {
    groups[at]!.answer();
    await settled();
  }
  expect(sizes()).toEqual([3, 3, 3, 2]);
  expect(await Promise.all(answers)).toEqual(answers.map((_, n) => n));
});

test('a group ends before its bytes do, and one item alone may be larger than the limit', async () => {
  const { commit, groups } = byHand({ maxInFlight: 9 });
  const answers = [400, 500, 300, 5000, 10].map((n) => commit.add({ key: `k${n}`, n }));
  await settled();
  expect(groups.map(({ items }) => items.map(({ n }) => n))).toEqual([[400, 500], [300], [5000], [10]]);
  for (const group of groups) group.answer();
  await Promise.all(answers);
});

test('items of one key follow each other, whatever the others do', async () => {
  const { commit, groups } = byHand();
  const order: number[] = [];
  const done = [1, 2, 3].map((n) => commit.add({ key: 'same', n }).then((n) => order.push(n)));
  const other = commit.add({ key: 'other', n: 9 });
  await settled();
  expect(groups.map(({ items }) => items.map(({ n }) => n))).toEqual([[1, 9]]);
  for (let at = 0; at < 3; at += 1) {
    groups[at]!.answer();
    await settled();
  }
  await Promise.all([...done, other]);
  expect(order).toEqual([1, 2, 3]);
});

test('a rejected group rejects each of its items and nobody else, and the next of a key still goes', async () => {
  const { commit, groups } = byHand({ maxItems: 2 });
  const answers = [1, 2, 3].map((n) => commit.add({ key: `k${n % 2}`, n }));
  const results = Promise.allSettled(answers);
  await settled();
  groups[0]!.fail(new Error('gone'));
  await settled();
  groups[1]!.answer();
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

test('drain sends what waits for company at once, and resolves when nothing is left', async () => {
  const { commit, groups } = byHand({ lingerMs: LONG_MS });
  await commit.drain();
  const answers = [commit.add({ key: 'other', n: 0 })];
  await settled();
  answers.push(...[1, 2].map((n) => commit.add({ key: 'same', n })));
  let drained = false;
  const drain = commit.drain().then(() => (drained = true));
  expect(groups).toHaveLength(2);
  for (const at of [0, 1]) groups[at]!.answer();
  await settled();
  expect(drained).toBe(false);
  groups[2]!.answer();
  await drain;
  expect(await Promise.all(answers)).toEqual([0, 1, 2]);
});
