import { run } from '../../../lab/simulation/run.ts';
import { drawScenario, type Scenario } from '../../../lab/simulation/scenario.ts';
import { CALM } from '../../../lab/simulation/faults.ts';

const QUIET: Scenario = {
  seed: 1,
  faults: CALM,
  connections: 2,
  pendingLimit: 10,
  holdLimit: 60,
  messages: 100,
  upstream: 20,
  faultsMs: 30_000,
};

/** `npm run simulate` runs thousands more. */
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

test('in calm weather every message is sent once, acked, and announced once', async () => {
  const { violations, counts } = await run(QUIET);
  expect(violations).toEqual([]);
  const accepted = counts.get('post: accepted');
  expect(accepted).toBe(120); // the probes included
  for (const kind of ['handed', 'received', 'answered: ack', 'stored: acked', 'announced', 'leaseAcked'])
    expect([kind, counts.get(kind)]).toEqual([kind, accepted]);
  for (const kind of ['upstreamSent', 'upstreamPublished', 'upstreamAcked'])
    expect([kind, counts.get(kind)]).toEqual([kind, 20]);
});

const happened = new Set<string>();

test.each(SEEDS)('seed %i: its own mix of faults breaks no invariant', async (seed) => {
  const { violations, counts } = await run(drawScenario(seed));
  for (const kind of counts.keys()) happened.add(kind);
  expect(violations).toEqual([]);
});

test('sends that cross the control message of a drain are refused, and sent again elsewhere', async () => {
  const { violations, counts } = await run({ ...QUIET, messages: 400, faults: { ...CALM, drainEveryMs: 300 } });
  expect(violations).toEqual([]);
  expect(counts.get('answered: CONNECTION_DRAINING')).toBeGreaterThan(0);
  expect(counts.get('stored: acked')).toBe(counts.get('post: accepted'));
});

test('the same seed goes the same way to the last event, another seed another', async () => {
  const [first, again, other] = [
    await run(drawScenario(7)),
    await run(drawScenario(7), { keep: true }),
    await run(drawScenario(8)),
  ];
  expect(again.digest).toBe(first.digest);
  expect(again.counts).toEqual(first.counts);
  expect(other.digest).not.toBe(first.digest);
});

test('each fault happened in one of these runs', () => {
  const wanted = [
    'mixedTurn',
    'killed',
    'stopped',
    'leaseEnded',
    'functionDied',
    'enqueued again',
    'post: unavailable',
    'post: repeated',
    'ackLost',
    'store: failed',
    'store: slow',
    'publishTrouble',
    'outage: firestore',
    'outage: pubsub',
    'outage: ccs',
    'outage: storm',
    'refused',
    'halfOpen',
    'drainRead',
    'lost: failed',
    'lost: orderly',
    'answered twice',
    'oddFrame',
    'cancelAsked',
    'cancel: cancelled',
    'cancel: tooLate',
    'stored: expired',
    'answered: SERVICE_UNAVAILABLE',
    'answered: DEVICE_MESSAGE_RATE_EXCEEDED',
    'answered: TOPICS_MESSAGE_RATE_EXCEEDED',
    'answered: received before',
    'answered: DEVICE_UNREGISTERED',
  ];
  expect(wanted.filter((kind) => !happened.has(kind))).toEqual([]);
});
