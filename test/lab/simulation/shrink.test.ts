import { realMachine, type MakeMachine } from '../../../lab/simulation/machine.ts';
import { run } from '../../../lab/simulation/run.ts';
import type { Scenario } from '../../../lab/simulation/scenario.ts';
import { shrink } from '../../../lab/simulation/shrink.ts';
import { timelineOf } from '../../../lab/simulation/timeline.ts';
import { CALM, isOn, FAULT_NAMES } from '../../../lab/simulation/faults.ts';

const SCENARIO: Scenario = {
  seed: 40,
  connections: 3,
  pendingLimit: 10,
  holdLimit: 20,
  messages: 60,
  upstream: 10,
  faultsMs: 20_000,
  faults: { ...CALM, drainEveryMs: 3_000, retryNack: 0.2, resetEveryMs: 5_000, storeFails: 0.1, twoWorkers: 1 },
};

/** Hears of no drain: it takes a drain to show it, and nothing else. */
const deafToDrains: MakeMachine = (config, random) => {
  const real = realMachine(config, random);
  return {
    status: () => real.status(),
    on: (inputs, nowMs) =>
      real.on(
        inputs.filter((input) => input.kind !== 'link' || input.report.kind !== 'draining'),
        nowMs,
      ),
  };
};

test('a failing scenario shrinks to the one fault that it takes, and its timeline ends with the violation', async () => {
  const { scenario, report } = await shrink(SCENARIO, 'draining', (one) =>
    run(one, { make: deafToDrains, restLimitMs: 60_000 }),
  );
  expect(FAULT_NAMES.filter((name) => isOn(scenario.faults, name))).toEqual(['drainEveryMs']);
  expect(scenario.connections).toBe(1);
  expect(scenario.messages).toBeLessThan(20);

  const { entries } = await run(scenario, { make: deafToDrains, restLimitMs: 60_000, keep: true });
  const violation = report.violations.find(({ invariant }) => invariant === 'draining')!;
  const timeline = timelineOf(violation, entries, 30).map((line) => line.replace(/^.*? s {2}/, ''));
  expect(timeline.length).toBeLessThanOrEqual(30);
  expect(timeline).toContainEqual(expect.stringMatching(/^the worker reads that w1\/c\d+ drains$/));
  expect(timeline.at(-1)).toMatch(new RegExp(`^worker 1 sends ${violation.subject} on w1/c\\d+$`));
});
