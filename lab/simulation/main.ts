#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { run, type RunReport } from './run.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { storyOf } from './story.ts';
import { Tally } from './tally.ts';
import { isOn, TROUBLES } from './trouble.ts';

const HELP = `npm run simulate -- [options]

The real relay machine, the worker's real pump and the functions' real accept, cancel and sweep in a simulated world: CCS, Pub/Sub, Firestore,
clocks, processes and connections, each with its faults, in virtual time.
Every invariant is checked at every step. Exit 1 when one does not hold.

  --seeds N    run the seeds 1 … N (default 1000)
  --from S     begin with seed S instead of 1
  --seed S     replay one seed exactly; where it fails, shrink it and tell the shortest story
  --story N    how many events a story tells at most (default 40)
  --help       this text`;

const PROGRESS_MS = 10_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    story: { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});

function whole(name: 'seeds' | 'from' | 'seed' | 'story'): number {
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
    console.log(
      `${tally.seeds} of ${seeds} seeds, ${(tally.virtualMs / 3_600_000).toFixed(1)} h of virtual time, ${tally.failed} failed`,
    );
  }
  console.log(`\n${tally.table(performance.now() - startMs)}`);
  if (tally.failed > 0) console.log('\nnpm run simulate -- --seed S tells the story of one');
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
    console.log(`\n${invariant}, the smallest that ${runs} runs found: ${described(small)}`);
    if (violation !== undefined) tell(told, violation, most);
  }
  return report.violations.length === 0 ? 0 : 1;
}

function tell({ entries }: RunReport, violation: RunReport['violations'][number], most: number): void {
  for (const line of storyOf(violation, entries, most)) console.log(`  ${line}`);
  console.log(`  → ${violation.subject}: ${violation.what}`);
}

function described({
  seed,
  trouble,
  connections,
  pendingLimit,
  holdLimit,
  messages,
  upstream,
  troubledMs,
}: Scenario): string {
  const on = TROUBLES.filter((name) => isOn(trouble, name)).map(
    (name) => `${name} ${Number(trouble[name].toPrecision(3))}`,
  );
  return `${messages} messages, ${upstream} upstream, ${Math.round(troubledMs / 1_000)} s of trouble, ${connections} connections of ${pendingLimit}, hold ${holdLimit}, dice ${seed}; ${on.join(', ') || 'no trouble'}`;
}

if (values.help) console.log(HELP);
else
  process.exitCode =
    values.seed === undefined
      ? await runMany(whole('from'), whole('seeds'))
      : await runOne(whole('seed'), whole('story'));
