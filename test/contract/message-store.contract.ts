import type { MessageKey, MessageStore, UnsettledMessages, Version } from '../../relay/model/ports.ts';
import { MESSAGE_STATES, type MessageRecord, type MessageState } from '../../relay/model/record.ts';
import { EVERY_KIND_OF_TEXT } from './every-kind-of-text.ts';

export interface StoreUnderTest {
  readonly store: MessageStore & UnsettledMessages;
  /** A sender without messages. */
  readonly newSender: () => string;
  readonly close: () => Promise<void>;
}

const OPENING_MS = 30_000; // the SDK loads its protocol at the first call, the emulator its classes
const NOW = 1_790_000_000_123;

export const aRecord = (change: Partial<MessageRecord> = {}): MessageRecord => ({
  state: 'queued',
  target: { kind: 'token', hash: 'b0b5' },
  priority: 'high',
  timeToLiveSeconds: 3600,
  attempts: 0,
  owner: 'orders-backend',
  contentHash: 'c0ffee',
  createdAtMs: NOW,
  updatedAtMs: NOW,
  expireAtMs: NOW + 86_400_000,
  ...change,
});

const versionOf = (answer: { outcome: string; version?: Version }): Version => {
  if (answer.version === undefined) throw new Error(`no version: ${answer.outcome}`);
  return answer.version;
};

const NO_VERSION = '1.000000001' as Version;

/** MessageStore and UnsettledMessages, as relay/model/ports.ts describes them. */
export function messageStoreContract(name: string, open: () => StoreUnderTest): void {
  describe(`MessageStore: ${name}`, () => {
    const { store, newSender, close } = open();
    const senderId = newSender();
    let count = 0;
    const newKey = (): MessageKey => ({ senderId, messageId: `m${++count}` });
    const made = async (record = aRecord()): Promise<{ key: MessageKey; version: Version }> => {
      const key = newKey();
      return { key, version: versionOf(await store.create(key, record)) };
    };
    beforeAll(() => store.read(newKey()), OPENING_MS);
    afterAll(close);

    describeWriting({ store, newKey, made });
    describeConflicts({ store, newKey, made });
    describePaging(store, newSender);
  });
}

interface Subject {
  readonly store: MessageStore;
  readonly newKey: () => MessageKey;
  readonly made: (record?: MessageRecord) => Promise<{ key: MessageKey; version: Version }>;
}

function describeWriting({ store, newKey, made }: Subject): void {
  test('what was never created reads as nothing', async () => {
    expect(await store.read(newKey())).toBeUndefined();
  });

  test('a record comes back as it was created, at the version that create returned', async () => {
    const full = aRecord({
      state: 'nacked',
      attempts: 3,
      error: 'INVALID_JSON',
      errorDescription: 'why',
      cancelRequestedAtMs: NOW + 1,
      settledAtMs: NOW + 2,
      replayedToMs: NOW + 3,
    });
    const { key, version } = await made(full);
    expect(await store.read(key)).toStrictEqual({ record: full, version });
  });

  test.each([
    { kind: 'token', hash: 'a' },
    { kind: 'group', hash: 'b' },
    { kind: 'topic', topic: 'news' },
    { kind: 'condition', condition: "'a' in topics && 'b' in topics" },
  ] as const)('a target of kind $kind comes back as it was', async (target) => {
    const { key } = await made(aRecord({ target }));
    expect((await store.read(key))?.record.target).toStrictEqual(target);
  });

  test.each(MESSAGE_STATES)('state %s comes back', async (state) => {
    const { key } = await made(aRecord({ state }));
    expect((await store.read(key))?.record.state).toBe(state);
  });

  test('every kind of text comes back as it was', async () => {
    const texts = EVERY_KIND_OF_TEXT.filter((value) => value.length < 2000);
    const keys = await Promise.all(
      texts.map(async (value) => (await made(aRecord({ owner: value, errorDescription: value }))).key),
    );
    const read = await Promise.all(keys.map((key) => store.read(key)));
    expect(read.map((stored) => stored?.record.owner)).toEqual(texts);
    expect(read.map((stored) => stored?.record.errorDescription)).toEqual(texts);
  });

  test('an update sets what it names, removes what it names as undefined, and leaves the rest', async () => {
    const { key, version } = await made(aRecord({ error: 'OLD', cancelRequestedAtMs: NOW }));
    const change = {
      state: 'acked',
      attempts: 1,
      error: undefined,
      cancelRequestedAtMs: undefined,
      settledAtMs: NOW + 5,
      updatedAtMs: NOW + 5,
    } as const;
    const answer = await store.update(key, version, change);
    expect(answer.outcome).toBe('written');
    const record = aRecord({ state: 'acked', attempts: 1, settledAtMs: NOW + 5, updatedAtMs: NOW + 5 });
    expect(await store.read(key)).toStrictEqual({ record, version: versionOf(answer) });
  });

  test('each version leads to the next', async () => {
    const { key, version: first } = await made();
    const second = versionOf(await store.update(key, first, { state: 'sent', attempts: 1, updatedAtMs: NOW + 1 }));
    const third = versionOf(await store.update(key, second, { state: 'acked', updatedAtMs: NOW + 2 }));
    expect(new Set([first, second, third]).size).toBe(3);
    expect((await store.read(key))?.record.state).toBe('acked');
  });
}

function describeConflicts({ store, newKey, made }: Subject): void {
  test('a second create changes nothing', async () => {
    const { key, version } = await made();
    expect(await store.create(key, aRecord({ owner: 'someone else' }))).toStrictEqual({ outcome: 'exists' });
    expect(await store.read(key)).toStrictEqual({ record: aRecord(), version });
  });

  test('of 50 creates of one id at once exactly one is told created', async () => {
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) => store.create(key, aRecord({ owner: `caller ${at}` }))),
    );
    expect(answers.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    const winner = answers.findIndex(({ outcome }) => outcome === 'created');
    expect((await store.read(key))?.record.owner).toBe(`caller ${winner}`);
  });

  test('of 20 updates at one version exactly one is written', async () => {
    const { key, version } = await made();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => store.update(key, version, { attempts: at + 1, updatedAtMs: NOW + at })),
    );
    expect(answers.filter(({ outcome }) => outcome === 'written')).toHaveLength(1);
    const winner = answers.findIndex(({ outcome }) => outcome === 'written');
    expect((await store.read(key))?.record.attempts).toBe(winner + 1);
  });

  test.each(['an old one', 'of nothing', 'not even a version'])(
    'an update at a version that is %s writes nothing',
    async (which) => {
      const { key, version } = await made();
      await store.update(key, version, { state: 'sent', updatedAtMs: NOW + 1 });
      const wrong = which === 'an old one' ? version : which === 'of nothing' ? NO_VERSION : ('?' as Version);
      expect(await store.update(key, wrong, { state: 'dead', updatedAtMs: NOW + 2 })).toStrictEqual({
        outcome: 'conflict',
      });
      expect((await store.read(key))?.record.state).toBe('sent');
    },
  );

  test('an update of what is not there is a conflict and makes no document', async () => {
    const key = newKey();
    expect(await store.update(key, NO_VERSION, { state: 'acked', updatedAtMs: NOW })).toStrictEqual({
      outcome: 'conflict',
    });
    expect(await store.read(key)).toBeUndefined();
  });

  test('conflicts in the middle of many writes concern nobody else', async () => {
    const all = await Promise.all(Array.from({ length: 60 }, () => made()));
    const late = new Set([0, 7, 30, 31, 59]);
    await Promise.all(
      [...late].map((at) => store.update(all[at]!.key, all[at]!.version, { state: 'cancelled', updatedAtMs: NOW + 1 })),
    );
    const creates = all.map(({ key }, at) => store.create(at % 10 === 0 ? key : newKey(), aRecord()));
    const answers = await Promise.all(
      all.map(({ key, version }) => store.update(key, version, { state: 'acked', updatedAtMs: NOW + 2 })),
    );
    expect(answers.map(({ outcome }) => outcome)).toEqual(all.map((_, at) => (late.has(at) ? 'conflict' : 'written')));
    const states = await Promise.all(all.map(async ({ key }) => (await store.read(key))?.record.state));
    expect(states).toEqual(all.map((_, at) => (late.has(at) ? 'cancelled' : 'acked')));
    expect((await Promise.all(creates)).map(({ outcome }) => outcome)).toEqual(
      all.map((_, at) => (at % 10 === 0 ? 'exists' : 'created')),
    );
  });
}

function describePaging(store: MessageStore & UnsettledMessages, newSender: () => string): void {
  test('pages hold the messages of one sender that have not settled, each once, in the order of their ids', async () => {
    const senderId = newSender();
    const ids = ['a', 'B', '~', ' space', ...Array.from({ length: 21 }, (_, at) => `m${at}`)];
    const stateOf = (messageId: string): MessageState => (messageId.endsWith('3') ? 'sent' : 'queued');
    await Promise.all(
      ids.map((messageId) =>
        store.create({ senderId, messageId }, aRecord({ owner: messageId, state: stateOf(messageId) })),
      ),
    );
    const settled = MESSAGE_STATES.filter((state) => state !== 'queued' && state !== 'sent');
    await Promise.all(
      settled.map((state) => store.create({ senderId, messageId: `it is ${state}` }, aRecord({ state }))),
    );
    await store.create({ senderId: newSender(), messageId: 'm99' }, aRecord());

    const pages: string[][] = [];
    for (let after: string | undefined; ;) {
      const page = await store.page(senderId, after, 10);
      for (const { messageId, record } of page)
        expect(record).toStrictEqual(aRecord({ owner: messageId, state: stateOf(messageId) }));
      pages.push(page.map(({ messageId }) => messageId));
      after = page.at(-1)?.messageId;
      if (page.length < 10) break;
    }
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test('a page gives versions that an update takes', async () => {
    const senderId = newSender();
    await store.create({ senderId, messageId: 'only' }, aRecord());
    const [found] = await store.page(senderId, undefined, 1);
    expect(
      await store.update({ senderId, messageId: 'only' }, found!.version, { state: 'expired', updatedAtMs: NOW + 1 }),
    ).toMatchObject({ outcome: 'written' });
    expect(await store.page(senderId, undefined, 1)).toEqual([]);
  });
}
