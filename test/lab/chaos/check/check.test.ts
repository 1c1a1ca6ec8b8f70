import { check } from '../../../../lab/chaos/check/check.ts';
import { VIOLATIONS, type ViolationKind } from '../../../../lab/chaos/check/violation.ts';
import { cleanHistory, receipt, START_MS, type OpenHistory } from '../clean-history.ts';

const LIMITS = { pendingLimit: 3, connections: 1 };
const found = (history: OpenHistory): string[] =>
  check(history, LIMITS).violations.map(({ kind, id }) => `${kind} ${id}`.trim());

function spoiled(spoil: (history: OpenHistory) => void): OpenHistory {
  const history = cleanHistory();
  spoil(history);
  return history;
}

/** One more receipt, counted by FCM as well. */
function receive(history: OpenHistory, ...[id, ms, connection, answer]: Parameters<typeof receipt>): void {
  history.receipts.push(receipt(id, ms, connection, answer));
  history.receipts.sort((a, b) => a.atMs - b.atMs);
  history.counters.downstreamReceived += 1;
}

const drop = (items: { readonly id: string }[], id: string): void =>
  void items.splice(
    items.findIndex((item) => item.id === id),
    1,
  );
const one = <T extends { readonly id: string }>(items: readonly T[], id: string): T =>
  items.find((item) => item.id === id)!;

test('a run with permitted faults only is clean, and its duplicates are classified', () => {
  const { violations, duplicates } = check(cleanHistory(), LIMITS);
  expect(violations).toEqual([]);
  expect(duplicates).toMatchObject({
    askedFor: 2,
    byLoss: 2,
    byLossAtMost: 6,
    mostOfOneConnection: 2,
    byTwoWorkers: 1,
    byTwoWorkersAtMost: 3,
  });
});

/** Each breaks a clean history in one way, and exactly that must be reported. */
const SPOILERS: readonly (readonly [ViolationKind, string, (history: OpenHistory) => void, readonly string[]])[] = [
  ['lost', 'an accepted message without a document', (h) => drop(h.documents, 'plain'), ['lost plain']],
  [
    'lost',
    'an accepted message that is still queued',
    (h) => (one(h.documents, 'plain').state = 'queued'),
    ['lost plain'],
  ],
  [
    'lost',
    'one that FCM has, with a document that says sent',
    (h) => (one(h.documents, 'silent').state = 'sent'),
    ['lost silent'],
  ],
  [
    'refused',
    'a valid message answered 400',
    (h) => (one(h.offers, 'plain').refusal = 'answered 400'),
    ['refused plain'],
  ],
  ['unexpected', 'received by CCS', (h) => receive(h, 'nobody', 100), ['unexpected nobody']],
  [
    'unexpected',
    'recorded in Firestore',
    (h) => h.documents.push({ id: 'nobody', state: 'queued', attempts: 0, writtenMs: START_MS }),
    ['unexpected nobody'],
  ],
  [
    'unexpected',
    'published',
    (h) => h.deliveryEvents.push({ id: 'nobody', eventId: 'e', type: 'fcm.message.acked', publishedMs: START_MS }),
    ['unexpected nobody'],
  ],
  [
    'wrongState',
    'acked, but refused by FCM',
    (h) => (one(h.receipts, 'plain').answer = 'DEVICE_UNREGISTERED'),
    ['wrongState plain'],
  ],
  [
    'wrongState',
    'acked, but never received',
    (h) => {
      drop(h.receipts, 'plain');
      h.counters.downstreamReceived -= 1;
    },
    ['wrongState plain'],
  ],
  [
    'wrongState',
    'expired, although it had weeks',
    (h) => {
      one(h.documents, 'plain').state = 'expired';
      one(h.deliveryEvents, 'plain').type = 'fcm.message.expired';
    },
    ['wrongState plain'],
  ],
  [
    'wrongState',
    'nacked with another error',
    (h) => (one(h.documents, 'refused').error = 'INVALID_JSON'),
    ['wrongState refused'],
  ],
  ['eventMissing', 'settled, and no event', (h) => drop(h.deliveryEvents, 'plain'), ['eventMissing plain']],
  [
    'eventWrong',
    'event of another state',
    (h) => (one(h.deliveryEvents, 'plain').type = 'fcm.message.nacked'),
    ['eventWrong plain'],
  ],
  [
    'eventWrong',
    'second event under another id',
    (h) => h.deliveryEvents.push({ ...one(h.deliveryEvents, 'plain'), eventId: 'another' }),
    ['eventWrong plain'],
  ],
  [
    'sentAfterEnd',
    'repeated minutes after it had settled, although its connection was lost',
    (h) => receive(h, 'died', 90_000, 'c3', 'INVALID_JSON'),
    ['sentAfterEnd died'],
  ],
  [
    'unexplained',
    'repeated on a connection that was not lost',
    (h) => receive(h, 'plain', 110, 'c1', 'INVALID_JSON'),
    ['unexplained plain'],
  ],
  ['window', 'more pending than may be', (h) => (h.counters.highestPending = 4), ['window']],
  ['window', 'a message past the limit', (h) => (h.counters.pastPendingLimit = 1), ['window']],
  [
    'draining',
    'sent long after CONNECTION_DRAINING',
    (h) => {
      receive(h, 'storm', 8_000, 'c1', 'CONNECTION_DRAINING');
    },
    ['draining storm'],
  ],
  [
    'upstreamLost',
    'neither published nor acked',
    (h) => h.upstream.push({ id: 'u3', from: 'device-3', offeredMs: START_MS }),
    ['upstreamLost u3'],
  ],
  [
    'upstreamLost',
    'published, but never acked',
    (h) => {
      drop(h.upstreamAcks, 'u1');
      h.counters.upstreamAcked -= 1;
    },
    ['upstreamLost u1'],
  ],
  [
    'upstreamUnexpected',
    'published, but no device sent it',
    (h) => h.upstreamEvents.push({ id: 'u9', eventId: 'e9', from: 'device', publishedMs: START_MS }),
    ['upstreamUnexpected u9'],
  ],
  [
    'upstreamUnexpected',
    'published with the wrong device',
    (h) => (one(h.upstreamEvents, 'u1').from = 'device-7'),
    ['upstreamUnexpected u1'],
  ],
  [
    'upstreamEventId',
    'a repeat under another event id',
    (h) => (h.upstreamEvents[2]!.eventId = 'e3'),
    ['upstreamEventId u2'],
  ],
  [
    'ackedBeforePublished',
    'acked first',
    (h) => (one(h.upstreamEvents, 'u1').publishedMs = START_MS + 90),
    ['ackedBeforePublished u1'],
  ],
  [
    'ackedBeforePublished',
    'acked, but never published',
    (h) => drop(h.upstreamEvents, 'u1'),
    ['upstreamLost u1', 'ackedBeforePublished u1'],
  ],
  [
    'foreignAck',
    'acked on another connection',
    (h) => h.foreignAcks.push({ id: 'u1', connection: 'c3', atMs: START_MS }),
    ['foreignAck u1'],
  ],
  ['foreignAck', 'a malformed ack', (h) => (h.counters.badAcks = 1), ['foreignAck']],
  ['slowStop', 'a SIGTERM that took too long', (h) => (h.stops[0]!.tookMs = 10_001), ['slowStop']],
  [
    'incomplete',
    'FCM counted a message that the history lacks',
    (h) => (h.counters.downstreamReceived += 1),
    ['incomplete'],
  ],
  ['incomplete', 'FCM counted an ack that the history lacks', (h) => (h.counters.upstreamAcked += 1), ['incomplete']],
];

test.each(SPOILERS)('%s: %s', (_kind, _how, spoil, expected) => {
  expect(found(spoiled(spoil))).toEqual(expected);
});

type Take = readonly [connection: string, ms: number];

/** One more message that FCM received twice. */
function takenTwice(
  history: OpenHistory,
  id: string,
  [[first, firstMs], [second, secondMs]]: readonly [Take, Take],
): void {
  history.offers.push({ id, via: 'https', fate: 'acked', offeredMs: START_MS, acceptedMs: START_MS });
  history.documents.push({ id, state: 'acked', attempts: 2, writtenMs: START_MS + 3_000 });
  history.deliveryEvents.push({ id, eventId: id, type: 'fcm.message.acked', publishedMs: START_MS + 3_000 });
  receive(history, id, firstMs, first);
  receive(history, id, secondMs, second, 'INVALID_JSON');
}

test('pastBound: more repeats after one loss than were pending', () => {
  const history = spoiled((h) =>
    ['more-1', 'more-2'].forEach((id) =>
      takenTwice(h, id, [
        ['c2', 130],
        ['c3', 3_000],
      ]),
    ),
  );
  const { violations, duplicates } = check(history, LIMITS);
  expect(violations).toEqual([{ kind: 'pastBound', id: 'died', detail: '4 after the loss of c2, at most 3' }]);
  expect(duplicates.mostOfOneConnection).toBe(4);
});

test('pastBound: more repeats by two workers after one cause than a worker holds', () => {
  const history = spoiled((h) =>
    ['more-1', 'more-2', 'more-3'].forEach((id) =>
      takenTwice(h, id, [
        ['c1', 130],
        ['c3', 3_000],
      ]),
    ),
  );
  expect(check(history, LIMITS).violations).toEqual([
    { kind: 'pastBound', id: '', detail: '4 by two workers at once after pauseWorker worker-a, at most 3' },
  ]);
});

test('repeats by two workers need a recent cause', () => {
  expect(found(spoiled((h) => (h.faults = [])))).toEqual(['unexplained two']);
  expect(
    found(
      spoiled((h) => {
        for (const [at, fault] of h.faults.entries())
          h.faults[at] = { ...fault, atMs: fault.atMs - 120_000, untilMs: fault.untilMs - 120_000 };
      }),
    ),
  ).toEqual(['unexplained two']);
});

test('sends on a draining connection are allowed while the worker cannot know of it', () => {
  expect(found(spoiled((h) => receive(h, 'storm', 6_500, 'c1', 'CONNECTION_DRAINING')))).toEqual([]);
  const frozen = spoiled((h) => {
    receive(h, 'storm', 8_000, 'c1', 'CONNECTION_DRAINING');
    h.faults.push({ kind: 'pauseWorker', target: 'worker-a', atMs: START_MS + 4_000, untilMs: START_MS + 7_500 });
  });
  expect(found(frozen)).toEqual([]);
});

test('an unanswered message may have been accepted or not', () => {
  expect(
    found(
      spoiled((h) => {
        drop(h.documents, 'unanswered');
        drop(h.deliveryEvents, 'unanswered');
      }),
    ),
  ).toEqual([]);
});

test('every kind of violation has a history here', () => {
  const shown = new Set<string>([...SPOILERS.map(([kind]) => kind), 'pastBound']);
  expect(Object.keys(VIOLATIONS).filter((kind) => !shown.has(kind))).toEqual([]);
});
