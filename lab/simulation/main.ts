#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { run, type RunReport } from './run.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { timelineOf } from './timeline.ts';
import { Tally } from './tally.ts';
import { isOn, FAULT_NAMES } from './faults.ts';

const HELP = `npm run simulate -- [options]

Runs the real relay machine, the worker's real pump and the functions' real accept, cancel and
sweep in a simulated world (FCM, Pub/Sub, Firestore, clocks, processes, connections), each part
with its faults, in virtual time. Checks every invariant at every step; exits 1 if one is violated.

  --seeds N     run seeds 1 to N (default 1000)
  --from S      start at seed S instead of 1
  --seed S      replay one seed exactly; if it fails, shrink it and print the timeline
  --timeline N  print at most N events of a timeline (default 40)
  --help        show this text`;

const PROGRESS_MS = 10_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    timeline: { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});

function whole(name: 'seeds' | 'from' | 'seed' | 'timeline'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} must be a whole number`);
  process.exit(2);
}

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

if (values.help) console.log(HELP);
else
  process.exitCode =
    values.seed === undefined
      ? await runMany(whole('from'), whole('seeds'))
      : await runOne(whole('seed'), whole('timeline'));
