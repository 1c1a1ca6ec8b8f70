import { IN_HANDS_MS } from '../../../relay/model/timing.ts';
import type { Fact } from '../../../lab/simulation/fact.ts';
import { INVARIANTS, Judge, type InvariantName } from '../../../lab/simulation/judge.ts';

const LIMITS = { pendingLimit: 2, connections: 1, upstreamLimit: 3 };
const LINE = 'w1/c1';

type Step = Fact | { readonly afterMs: number };

function judged(steps: readonly Step[]): Judge {
  const judge = new Judge(LIMITS);
  let nowMs = 1_000;
  for (const step of steps) {
    if ('afterMs' in step) nowMs += step.afterMs;
    else judge.judge(step, nowMs);
  }
  return judge;
}

const brokenBy = (steps: readonly Step[]): InvariantName[] =>
  judged(steps).violations.map(({ invariant }) => invariant);

const posted = (id = 'm1', probe = false): Fact => ({ kind: 'posted', id, lane: 'high', documented: true, probe });
const postAnswered = (outcome: 'accepted' | 'repeated' | 'conflict' | 'unavailable' = 'accepted'): Fact => ({
  kind: 'postAnswered',
  id: 'm1',
  outcome,
});
const stored = (
  state: 'queued' | 'sent' | 'acked' | 'nacked' | 'cancelled',
  before?: 'queued' | 'sent' | 'acked',
  worker: number | 'function' = 1,
): Fact => ({ kind: 'stored', worker, id: 'm1', before, state });
const pulled: Fact = { kind: 'pulled', worker: 1, id: 'm1', attempt: 1 };
const handed = (id = 'm1', line = LINE, worker = 1, overdueMs = -1): Fact => ({
  kind: 'handed',
  worker,
  line,
  id,
  overdueMs,
});
const received = (id = 'm1', line = LINE, took = true): Fact => ({ kind: 'received', line, id, took });
const answered = (verdict: 'ack' | 'final' | 'later' = 'ack', repeated = false): Fact => ({
  kind: 'answered',
  line: LINE,
  id: 'm1',
  answer: verdict,
  verdict,
  repeated,
});
const answerRead = (repeated = false): Fact => ({ kind: 'answerRead', line: LINE, id: 'm1', repeated });
const announced = (state: 'acked' | 'nacked' | 'cancelled' = 'acked'): Fact => ({
  kind: 'announced',
  worker: 1,
  id: 'm1',
  state,
});
const leaseAcked: Fact = { kind: 'leaseAcked', worker: 1, id: 'm1' };
const end: Fact = { kind: 'end', upstreamOpen: 0, queued: 0 };

const BEGIN = [posted(), stored('queued'), postAnswered(), pulled];
const SENT = [...BEGIN, handed(), received(), answered(), answerRead()];
const SETTLED = [...SENT, stored('acked', 'queued')];
const DONE = [...SETTLED, announced(), leaseAcked];
const UP = [
  { kind: 'upstreamBegan', id: 'u1' },
  { kind: 'upstreamSent', line: LINE, id: 'u1' },
] as const;
const upPublished: Fact = { kind: 'upstreamPublished', worker: 1, id: 'u1' };
const ackHanded: Fact = { kind: 'ackHanded', worker: 1, line: LINE, id: 'u1' };
const upAcked = (line = LINE): Fact => ({ kind: 'upstreamAcked', line, id: 'u1' });
const holds = (deliveries: number, connections: number, publishing: number): Fact => ({
  kind: 'holds',
  worker: 1,
  deliveries,
  leases: 5,
  connections,
  publishing,
});
const left: Fact = { kind: 'left', line: LINE };
const cancelled: Fact = { kind: 'cancelAnswered', id: 'm1', outcome: 'cancelled' };

test('histories without a fault: one message each way, and repeats that are explained', () => {
  expect(brokenBy([...DONE, ...UP, upPublished, ackHanded, upAcked(), holds(5, 1, 3), end])).toEqual([]);
  expect(brokenBy([posted(), stored('queued'), end])).toEqual([]); // never answered: the sweep's
  expect(brokenBy([...BEGIN, handed(), received(), left, handed('m1', 'w1/c2'), received('m1', 'w1/c2')])).toEqual([]);
  expect(brokenBy([...SENT, { kind: 'killed', worker: 1 }, handed('m1', 'w2/c1', 2), received('m1', 'w2/c1')])).toEqual(
    [],
  );
  expect(
    brokenBy([
      ...BEGIN,
      handed(),
      received(),
      { kind: 'leaseReturned', worker: 1, id: 'm1' },
      handed('m1', 'w2/c1', 2),
      received('m1', 'w2/c1'),
    ]),
  ).toEqual([]);
  expect(
    brokenBy([
      ...BEGIN,
      handed(),
      received('m1', LINE, false),
      answered('later'),
      answerRead(),
      handed(),
      received(),
      answered('later', true),
      answerRead(true),
      handed(),
      received(),
    ]),
  ).toEqual([]);
});

const HISTORIES: Readonly<Record<InvariantName, readonly (readonly Step[])[]>> = {
  window: [[handed('m1'), handed('m2'), handed('m3'), received('m1'), received('m2'), received('m3')]],
  draining: [[{ kind: 'drainRead', line: LINE }, handed()]],
  ackOnItsConnection: [[...UP, upPublished, upAcked('w1/c2')]],
  publishedThenAcked: [
    [...UP, ackHanded, upPublished],
    [...UP, { ...end, upstreamOpen: 1 }],
  ],
  patience: [
    [
      { kind: 'connecting', worker: 1, line: LINE },
      { kind: 'refused', worker: 1, line: LINE },
      { afterMs: 59_000 },
      { kind: 'connecting', worker: 1, line: 'w1/c2' },
    ],
  ],
  conservation: [
    [...BEGIN, end],
    [posted(), postAnswered(), end],
    [posted(), stored('queued'), stored('sent', 'queued'), end],
    [posted(), stored('queued'), postAnswered('conflict')],
    [stored('queued')],
    [...BEGIN, stored('sent', 'sent')],
    [...DONE, { ...end, queued: 1 }],
  ],
  terminalIsFinal: [[...SETTLED, stored('sent', 'acked')]],
  truth: [
    [...BEGIN, stored('acked', 'queued')],
    [...SENT, stored('nacked', 'queued')],
  ],
  announcedThenAcked: [
    [...SENT, leaseAcked],
    [...SETTLED, leaseAcked],
    [...SETTLED, announced('nacked')],
    [...SENT, announced()],
    [...SETTLED, end],
  ],
  nothingAfterTheEnd: [[...DONE, handed()]],
  timeToLive: [[handed('m1', LINE, 1, 0)]],
  duplicatesAreExplained: [
    [...SENT, handed(), received()],
    [...SENT, left, handed('m1', 'w1/c2'), received('m1', 'w1/c2')],
    [handed(), received(), left, handed(), received(), received()],
  ],
  cancelledWasNotSent: [
    [...BEGIN, handed(), received('m1', LINE, false), stored('cancelled', 'queued', 'function'), cancelled],
    [cancelled, handed()],
  ],
  cancelledIsNotAtCcs: [[cancelled, received()]],
  stopEnds: [
    [{ kind: 'stopForced', worker: 1, byFarEnd: false, held: '' }],
    [{ kind: 'stopped', worker: 1, tookMs: 9_001 }],
  ],
  boundedMemory: [[holds(6, 1, 0)], [holds(0, 2, 0)], [holds(0, 1, 4)]],
  noStarvation: [[posted('m1', true), stored('queued'), { afterMs: 240_001 }, received(), stored('acked', 'queued')]],
  noDefect: [
    [{ kind: 'crashed', worker: 1, error: 'IllegalTransition' }],
    [{ kind: 'hotLoop', detail: 'no time passes' }],
  ],
};

const CASES = (Object.keys(INVARIANTS) as InvariantName[]).flatMap((invariant) =>
  HISTORIES[invariant].map((history, index) => [invariant, index + 1, history] as const),
);

test.each(CASES)('%s, history %i: the judge reports it, and nothing else', (invariant, _, history) => {
  expect(brokenBy(history)).toEqual([invariant]);
});

test('a probe that never gets through starves', () => {
  expect(brokenBy([posted('m1', true), stored('queued'), postAnswered(), end])).toEqual([
    'conservation',
    'noStarvation',
  ]);
});

test('what the README excepts is counted as that, not as a violation: two workers, and an answer that comes more than 15 s after the last moment of a claim', () => {
  const slow = judged([
    ...BEGIN,
    handed(),
    received(),
    { afterMs: IN_HANDS_MS },
    handed('m1', 'w2/c1', 2),
    received('m1', 'w2/c1'),
  ]);
  expect([slow.violations, [...slow.exceptions]]).toEqual([[], [['slowAnswer', 1]]]);
  expect(
    brokenBy([
      ...BEGIN,
      handed(),
      received(),
      { afterMs: IN_HANDS_MS - 1_000 },
      handed('m1', 'w2/c1', 2),
      received('m1', 'w2/c1'),
    ]),
  ).toEqual(['duplicatesAreExplained']);
});

test('and a Firestore that fails the worker that sent it', () => {
  const faults: Fact = { kind: 'storeTrouble', worker: 1, id: 'm1', what: 'failed' };
  const { violations, exceptions } = judged([
    ...BEGIN,
    handed(),
    received(),
    faults,
    handed('m1', 'w2/c1', 2),
    received('m1', 'w2/c1'),
  ]);
  expect([violations, [...exceptions]]).toEqual([[], [['slowStore', 1]]]);
});

test('and a cancel that nobody was told of, only where its DELETE was not answered either', () => {
  const settled = [posted(), stored('queued'), stored('cancelled', 'queued', 'function')];
  const unanswered = judged([...settled, { ...cancelled, outcome: 'unanswered' }, end]);
  expect([unanswered.violations, [...unanswered.exceptions]]).toEqual([[], [['unpublishedCancel', 1]]]);
  expect(brokenBy([...settled, cancelled, end])).toEqual(['announcedThenAcked']);
});

test('what docs/decisions.md excepts is counted as that: a cancel whose sender could not write, or died', () => {
  const faults: Fact = { kind: 'storeTrouble', worker: 1, id: 'm1', what: 'failed' };
  for (const excuse of [faults, { kind: 'killed', worker: 1 }] as const) {
    const { violations, exceptions } = judged([handed(), received(), excuse, cancelled]);
    expect([violations, exceptions.get('cancelHole')]).toEqual([[], 2]);
  }
});
