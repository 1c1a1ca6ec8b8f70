import type { Entry } from '../../../lab/simulation/journal.ts';
import { run } from '../../../lab/simulation/run.ts';
import type { Scenario } from '../../../lab/simulation/scenario.ts';
import { CALM, type Faults } from '../../../lab/simulation/faults.ts';

/** Twice as much as two connections take in the time that it is handed in: what is lost to the bad ones shows. */
const BUSY: Scenario = {
  seed: 5,
  faults: CALM,
  connections: 2,
  pendingLimit: 10,
  holdLimit: 200,
  messages: 3_000,
  upstream: 0,
  faultsMs: 10_000,
};

interface Flow {
  /** Of the good ones: how many were acked, and how long it took until the last of them was. */
  readonly acked: number;
  readonly tookMs: number;
  readonly medianMs: number;
  readonly slowestMs: number;
}

/** What became of the messages that CCS takes, while others are handed in that it does not take. */
async function flow(faults: Partial<Faults>, scenario: Partial<Scenario> = {}): Promise<Flow> {
  const { violations, entries } = await run(
    { ...BUSY, ...scenario, faults: { ...CALM, latencyMs: 100, burst: 1, ...faults } },
    { keep: true },
  );
  expect(violations).toEqual([]);
  const postedAtMs = new Map<string, number>();
  const waits: number[] = [];
  let lastMs = 0;
  const note = ({ fact, atMs }: Entry): void => {
    if (fact.kind === 'posted' && !fact.probe) postedAtMs.set(fact.id, atMs);
    const fromMs = fact.kind === 'stored' && fact.state === 'acked' ? postedAtMs.get(fact.id) : undefined;
    if (fromMs === undefined) return;
    waits.push(atMs - fromMs);
    lastMs = Math.max(lastMs, atMs);
  };
  entries.forEach(note);
  const firstMs = Math.min(...postedAtMs.values());
  waits.sort((a, b) => a - b);
  return {
    acked: waits.length,
    tookMs: lastMs - firstMs,
    medianMs: waits[waits.length >> 1] ?? 0,
    slowestMs: waits.at(-1) ?? 0,
  };
}

const perSecond = ({ acked, tookMs }: Flow): number => (1_000 * acked) / tookMs;

test('one in a hundred that always fails leaves the others 95 % of their throughput and of their speed', async () => {
  const [alone, beside] = [await flow({}), await flow({ failingTargets: 0.01 })];
  expect(beside.acked).toBeGreaterThan(0.98 * BUSY.messages - 60);
  expect(perSecond(beside)).toBeGreaterThan(0.95 * perSecond(alone));
  expect(beside.medianMs).toBeLessThan(alone.medianMs / 0.95);
});

test('nine in ten to a few targets that always fail: the tenth is sent at once, since that is no trouble of CCS', async () => {
  const few = await flow({ burst: 0, failingTargets: 0.9 }, { messages: 600, faultsMs: 60_000 });
  expect(few.acked).toBeGreaterThan(30);
  expect(few.slowestMs).toBeLessThan(1_000);
});

test('messages on which CCS closes the connection hold the others up for a moment each, and all of those get through', async () => {
  const [alone, beside] = [await flow({}), await flow({ killers: 0.001 })];
  expect(beside.acked).toBeGreaterThan(0.99 * BUSY.messages);
  expect(beside.tookMs - alone.tookMs).toBeLessThan(20_000);
});
