import { UNCLAIMED, claimOver } from '../../../../relay/machine/delivery/claim.ts';
import {
  Document,
  DOCUMENT_EVENTS,
  DOCUMENT_TABLE,
  type DocumentEventName,
  type DocumentState,
} from '../../../../relay/machine/delivery/document.ts';
import type { Version } from '../../../../relay/model/ports.ts';
import type { DeliveryRecord } from '../../../../relay/model/record.ts';
import { IllegalTransition } from '../../../../relay/model/table.ts';

const QUEUED: DeliveryRecord = { state: 'queued', attempts: 0, updatedAtMs: 1 };
const SENT: DeliveryRecord = { state: 'sent', attempts: 1, updatedAtMs: 2 };
const version = (text: string): Version => text as Version;
const stored = (record: DeliveryRecord, as = 'v1') => ({ record, version: version(as) });

/** By events, to each state. */
const WAYS: Readonly<Record<DocumentState, readonly DocumentEventName[]>> = {
  unread: [],
  reading: ['read'],
  current: ['read', 'found'],
  writing: ['read', 'found', 'write'],
  writingDoubted: ['read', 'found', 'write', 'doubted'],
  stale: ['read', 'found', 'doubted'],
  retrying: ['read', 'failed'],
};

const TAKE: Readonly<Record<DocumentEventName, (document: Document) => unknown>> = {
  read: (document) => {
    document.read(7);
  },
  write: (document) => {
    document.write(SENT);
  },
  found: (document) => document.found(stored(QUEUED)),
  written: (document) => document.written(version('v2')),
  conflicted: (document) => document.conflicted(),
  failed: (document) => document.failed(),
  doubted: (document) => document.doubt(),
};

function documentIn(state: DocumentState): Document {
  const document = new Document();
  for (const event of WAYS[state]) TAKE[event](document);
  expect(document.state).toBe(state);
  return document;
}

const STATES = Object.keys(WAYS) as DocumentState[];
const CROSS = STATES.flatMap((state) =>
  DOCUMENT_EVENTS.map((event) => ({ state, event, next: DOCUMENT_TABLE[state][event] })),
);
const isOurs = (event: DocumentEventName): boolean => event === 'read' || event === 'write';

test.each(CROSS.filter(({ next }) => next !== undefined))('$state on $event: $next', ({ state, event, next }) => {
  const document = documentIn(state);
  expect(TAKE[event](document)).not.toBe(false);
  expect(document.state).toBe(next);
});

test.each(CROSS.filter(({ event, next }) => next === undefined && isOurs(event)))(
  '$state: we may not $event, one operation at a time and none on a stale snapshot',
  ({ state, event }) => {
    expect(() => TAKE[event](documentIn(state))).toThrow(IllegalTransition);
  },
);

test.each(CROSS.filter(({ event, next }) => next === undefined && !isOurs(event)))(
  '$state: $event comes late and changes nothing',
  ({ state, event }) => {
    const document = documentIn(state);
    const { snapshot, failures, isOurMark } = document;
    expect(TAKE[event](document)).toBe(false);
    expect(document).toMatchObject({ state, snapshot, failures, isOurMark });
  },
);

test.each<[DocumentState, Partial<Document>]>([
  ['unread', { isStale: true, isWritable: false }],
  ['reading', { isStale: false, isWritable: false }],
  ['current', { isStale: false, isWritable: true }],
  ['writing', { isStale: false, isWritable: false }],
  ['writingDoubted', { isStale: false, isWritable: false }],
  ['stale', { isStale: true, isWritable: false }],
  ['retrying', { isStale: true, isWritable: false, isRetrying: true }],
])('%s: %j', (state, expected) => {
  expect(documentIn(state)).toMatchObject({ isRetrying: false, ...expected });
});

describe('the snapshot', () => {
  test('is what was read, or that there is no document', () => {
    const document = documentIn('reading');
    expect(document.snapshot).toBeUndefined();
    document.found(undefined);
    expect(document.snapshot).toEqual({ record: undefined, version: undefined });
  });

  test('is what we wrote, once it is written', () => {
    const document = documentIn('writing');
    expect(document.record).toBe(QUEUED);
    expect(document.written(version('v2'))).toBe(SENT);
    expect(document.snapshot).toEqual({ record: SENT, version: 'v2' });
  });

  test('is kept over a conflict and a failure, for what never changes', () => {
    const document = documentIn('writing');
    document.conflicted();
    expect(document.record).toBe(QUEUED);
    document.read(8);
    document.failed();
    expect(document.record).toBe(QUEUED);
  });

  test('counts from when its read was asked for', () => {
    expect(documentIn('current').readAtMs).toBe(7);
  });
});

describe('our mark', () => {
  test('is a `sent` that we wrote', () => {
    const document = documentIn('writing');
    expect(document.isOurMark).toBe(false);
    document.written(version('v2'));
    expect(document.ourMark).toBe(SENT);
  });

  test('is known by its time where the answer to the write was lost', () => {
    const document = documentIn('writing');
    document.failed();
    document.read(9);
    document.found(stored({ ...SENT }));
    expect(document.isOurMark).toBe(true);
  });

  test("is not another worker's of another time", () => {
    const document = documentIn('writing');
    document.failed();
    document.read(9);
    document.found(stored({ ...SENT, updatedAtMs: 3 }));
    expect(document.isOurMark).toBe(false);
  });

  test("is not another worker's of the same time that our write conflicted with", () => {
    const document = documentIn('writing');
    document.conflicted();
    document.read(9);
    document.found(stored({ ...SENT }));
    expect(document.isOurMark).toBe(false);
  });

  test('is not an end, nor a `queued` of ours', () => {
    const document = documentIn('current');
    document.write({ ...QUEUED, attempts: 1 });
    document.written(version('v2'));
    expect(document.isOurMark).toBe(false);
  });
});

test('failures are counted in a row, and any answer ends the row', () => {
  const document = documentIn('retrying');
  document.read(8);
  document.failed();
  expect(document.failures).toBe(2);
  document.read(9);
  expect(document.failures).toBe(2);
  document.found(stored(QUEUED));
  expect(document.failures).toBe(0);
});

describe('a claim', () => {
  const AT_MS = 5;
  const HELD = { kind: 'held', atMs: AT_MS };

  test('is none at first', () => {
    expect(new Document().claim).toBe(UNCLAIMED);
  });

  test.each<[string, DeliveryRecord | undefined]>([
    ['no document', undefined],
    ['`queued`, never sent', QUEUED],
  ])('over %s: contested where another worker may have had the message', (_, before) => {
    expect(claimOver(before, true, AT_MS)).toEqual({ kind: 'contested' });
    expect(claimOver(before, false, AT_MS)).toEqual(HELD);
  });

  test.each<[string, DeliveryRecord]>([
    ['`sent`', SENT],
    ['`sent` by a claim, before any attempt', { ...SENT, attempts: 0 }],
    ['`queued` after an attempt', { ...QUEUED, attempts: 1 }],
  ])('over %s: held, since nobody sends such a message on a read', (_, before) => {
    expect(claimOver(before, true, AT_MS)).toEqual(HELD);
  });
});
