import { startEmulators } from '../../../dev/stack/emulators/emulators.ts';
import { choosePorts } from '../../../dev/stack/ports.ts';
import type { Processes } from '../../../dev/stack/process/processes.ts';
import { Rig } from '../../../dev/stack/rig/rig.ts';
import { PLANS } from './all.ts';
import type { SizeName } from './plan.ts';

export interface PlanRun {
  /** Names in PLANS. */
  readonly plans: readonly string[];
  readonly size: SizeName;
  readonly portBase: number | undefined;
}

/** Runs plans one after the other, each on a fresh relay. @returns whether none found a violation */
export async function runPlans(
  processes: Processes,
  { plans, size, portBase }: PlanRun,
  signal: AbortSignal,
): Promise<boolean> {
  await startEmulators(processes, await choosePorts(portBase), { patchPubSub: true });
  let passed = true;
  for (const name of plans) passed = (await runPlan(name, size, signal)) && passed;
  return passed;
}

async function runPlan(name: string, size: SizeName, signal: AbortSignal): Promise<boolean> {
  const plan = PLANS[name];
  if (plan === undefined) throw new RangeError(`there is no plan ${name}`);
  const startMs = Date.now();
  const say = (line: string): void =>
    console.log(`${name.padEnd(10)} ${((Date.now() - startMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
  const rig = await Rig.start(plan.rig);
  const close = (): void => void rig.close().catch(() => undefined); // its workers would outlive us
  signal.addEventListener('abort', close);
  try {
    const { figures, violations } = await plan.run(rig, size, say);
    for (const [what, figure] of Object.entries(figures)) say(`${what.padEnd(22)} ${figure}`);
    for (const violation of violations) say(`VIOLATION ${violation}`);
    say(violations.length === 0 ? 'passed' : 'FAILED');
    return violations.length === 0;
  } finally {
    signal.removeEventListener('abort', close);
    if (!signal.aborted) await rig.close();
  }
}
