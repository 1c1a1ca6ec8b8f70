#!/usr/bin/env node
import { whole } from '../../ops/cli/option.ts';
import type { Command } from '../../ops/cli/parse.ts';
import { runCommand } from '../../ops/cli/run-command.ts';
import { run, type RunReport } from './run.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { timelineOf } from './timeline.ts';
import { Tally } from './tally.ts';
import { isOn, FAULT_NAMES } from './faults.ts';

const OPTIONS = {
  seeds: whole('N', 'how many seeds to run', { min: 0, default: 1_000 }),
  from: whole('S', 'the first seed', { min: 0, default: 1 }),
  seed: whole('S', 'replay this seed exactly; if it fails, shrink it and print the shortest timeline', { min: 0 }),
  timeline: whole('N', 'how many events a timeline shows at most', { min: 0, default: 40 }),
};

const COMMAND: Command<typeof OPTIONS> = {
  name: 'npm run simulate --',
  about:
    "Runs the real relay machine, the worker's real pump and the functions' real accept, cancel and sweep in a " +
    'simulated world, in virtual time: FCM, Pub/Sub, Firestore, clocks, processes and connections, each with its ' +
    'faults. Every invariant is checked at every step.',
  options: OPTIONS,
  notes: 'Exit status: 0: every invariant held; 1: one was violated; 2: a mistake in the command line.',
};

const PROGRESS_MS = 10_000;

async function runMany(from: number, seeds: number): Promise<number> {
  const tally = new Tally();
  const startMs = performance.now();
  let toldMs = startMs;
  for (let seed = from; seed < from + seeds; seed++) {
    const report = await run(drawScenario(seed));
    tally.add(seed, report);
    for (const { invariant, subject, what } of report.violations.slice(0, 1))
      console.log(`seed ${seed}: ${invariant}: ${subject}: ${what}`);
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    const virtualHours = (tally.virtualMs / 3_600_000).toFixed(1);
    console.log(`${tally.seeds} of ${seeds} seeds, ${virtualHours} h of virtual time, ${tally.failed} failed`);
  }
  console.log(`\n${tally.table(performance.now() - startMs)}`);
  if (tally.failed > 0) console.log('\nnpm run simulate -- --seed S shows how one fails');
  return tally.failed === 0 ? 0 : 1;
}

async function runOne(seed: number, most: number): Promise<number> {
  const scenario = drawScenario(seed);
  const tally = new Tally();
  const startMs = performance.now();
  const report = await run(scenario);
  tally.add(seed, report);
  console.log(`seed ${seed}, digest ${report.digest}: ${described(scenario)}`);
  console.log(`\n${tally.table(performance.now() - startMs)}`);
  for (const invariant of tally.failing.keys()) {
    const {
      scenario: small,
      runs,
      report: { violations },
    } = await shrink(scenario, invariant, run);
    const told = await run(small, { keep: true });
    const violation = violations.find((one) => one.invariant === invariant);
    console.log(`\n${invariant}, smallest scenario after ${runs} runs: ${described(small)}`);
    if (violation !== undefined) tell(told, violation, most);
  }
  return report.violations.length === 0 ? 0 : 1;
}

function tell({ entries }: RunReport, violation: RunReport['violations'][number], most: number): void {
  for (const line of timelineOf(violation, entries, most)) console.log(`  ${line}`);
  console.log(`  → ${violation.subject}: ${violation.what}`);
}

function described({
  seed,
  faults,
  connections,
  pendingLimit,
  holdLimit,
  messages,
  upstream,
  faultsMs,
}: Scenario): string {
  const on = FAULT_NAMES.filter((name) => isOn(faults, name)).map(
    (name) => `${name} ${Number(faults[name].toPrecision(3))}`,
  );
  const load = `${messages} messages, ${upstream} upstream, ${Math.round(faultsMs / 1_000)} s of faults`;
  const limits = `${connections} connections of ${pendingLimit}, hold ${holdLimit}`;
  return `${load}, ${limits}, dice ${seed}; ${on.join(', ') || 'no faults'}`;
}

process.exitCode = await runCommand(COMMAND, ({ values: { seed, seeds, from, timeline } }) =>
  seed === undefined ? runMany(from, seeds) : runOne(seed, timeline),
);
