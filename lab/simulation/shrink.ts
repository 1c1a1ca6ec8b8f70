import type { InvariantName } from './judge.ts';
import type { RunReport } from './run.ts';
import type { Scenario } from './scenario.ts';
import { CALM, isOn, FAULT_NAMES } from './faults.ts';

/** Runs that a shrink may take, a few milliseconds to a second each. */
const BUDGET = 600;
/** A smaller scenario draws other random numbers, and may need another seed to fail the same way. */
const DICE = 6;

export interface Shrunk {
  readonly scenario: Scenario;
  readonly report: RunReport;
  readonly runs: number;
}

type Run = (scenario: Scenario) => Promise<RunReport>;

/**
 * The smallest scenario found that still violates the invariant: faults off one at a time, fewer messages, less time.
 */
export async function shrink(from: Scenario, invariant: InvariantName, run: Run): Promise<Shrunk> {
  let best = { scenario: from, report: await run(from) };
  let runs = 1;
  const fails = async (scenario: Scenario): Promise<boolean> => {
    for (let dice = 0; dice < DICE && runs < BUDGET; dice++) {
      const candidate = {
        ...scenario,
        seed: dice === 0 ? scenario.seed : 1 + ((scenario.seed * 31 + dice) % 1_000_000),
      };
      const report = await run(candidate);
      runs++;
      if (!report.violations.some((violation) => violation.invariant === invariant)) continue;
      best = { scenario: candidate, report };
      return true;
    }
    return false;
  };
  for (let progress = true; progress && runs < BUDGET;) {
    progress = false;
    for (const smaller of STEPS) {
      const scenario = smaller(best.scenario);
      if (scenario !== undefined && (await fails(scenario))) progress = true;
    }
  }
  return { ...best, runs };
}

/** Makes a scenario smaller in one way; `undefined` where it cannot. */
type Step = (scenario: Scenario) => Scenario | undefined;

const halved =
  (key: 'messages' | 'upstream' | 'faultsMs', least: number): Step =>
  (scenario) =>
    scenario[key] <= least ? undefined : { ...scenario, [key]: Math.max(least, Math.floor(scenario[key] / 2)) };

const set =
  (key: 'connections' | 'upstream', to: number): Step =>
  (scenario) =>
    scenario[key] === to ? undefined : { ...scenario, [key]: to };

const STEPS: readonly Step[] = [
  halved('faultsMs', 2_000),
  halved('messages', 1),
  set('upstream', 0),
  halved('upstream', 0),
  set('connections', 1),
  ...FAULT_NAMES.map(
    (name): Step =>
      (scenario) =>
        isOn(scenario.faults, name) ? { ...scenario, faults: { ...scenario.faults, [name]: CALM[name] } } : undefined,
  ),
];
