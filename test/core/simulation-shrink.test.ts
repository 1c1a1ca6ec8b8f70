import { realMachine, type MakeMachine } from '../../simulation/machine.ts';
import { run } from '../../simulation/run.ts';
import { drawScenario } from '../../simulation/scenario.ts';
import { shrink } from '../../simulation/shrink.ts';
import { storyOf } from '../../simulation/story.ts';
import { isOn, TROUBLES } from '../../simulation/trouble.ts';

/** Hears of no drain: it takes a drain to show it, and nothing else. */
const deafToDrains: MakeMachine = (config, random) => {
  const real = realMachine(config, random);
  return {
    status: () => real.status(),
    on: (input, nowMs) => (input.kind === 'frame' && input.frame.kind === 'control' ? [] : real.on(input, nowMs)),
  };
};

test('a failing night shrinks to the one trouble that it takes, and its story ends with the violation', async () => {
  const { scenario, report } = await shrink({ ...drawScenario(40), seed: 40, trouble: { ...drawScenario(40).trouble, drainEveryMs: 5_000 } }, 'draining', (one) => run(one, { make: deafToDrains, restLimitMs: 600_000 }));
  expect(TROUBLES.filter((name) => isOn(scenario.trouble, name))).toEqual(['drainEveryMs']);
  expect(scenario.connections).toBe(1);
  expect(scenario.messages).toBeLessThan(20);

  const { entries } = await run(scenario, { make: deafToDrains, restLimitMs: 600_000, keep: true });
  const violation = report.violations.find(({ invariant }) => invariant === 'draining')!;
  const story = storyOf(violation, entries, 30).map((line) => line.replace(/^.*? s {2}/, ''));
  expect(story.length).toBeLessThanOrEqual(30);
  expect(story).toContainEqual(expect.stringMatching(/^the worker reads that w1\/c\d+ drains$/));
  expect(story.at(-1)).toMatch(new RegExp(`^worker 1 sends ${violation.subject} on w1/c\\d+$`));
});
