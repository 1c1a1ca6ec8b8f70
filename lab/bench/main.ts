#!/usr/bin/env node
/** `npm run bench`: see `--help`. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emulatorEnvironment, startEmulators, type EmulatorEnvironment } from '../../dev/stack/emulators.ts';
import { reasonOf } from '../../dev/stack/http.ts';
import { choosePorts } from '../../dev/stack/ports.ts';
import { Processes } from '../../dev/stack/processes.ts';
import { Ccs } from './ccs.ts';
import { machine, machineLine } from './machine.ts';
import { benchOptions, helpText, type BenchOptions } from './options.ts';
import { selfTimes, type CpuProfile } from './profile.ts';
import { table, verdictLine } from './report.ts';
import { chosen, inTurn } from './rounds.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Scenario } from './scenario.ts';
import { Stage } from './stage.ts';
import { verdictOn, type Turns, type Verdict } from './verdict.ts';

const ROOT = join(import.meta.dirname, '../..');
const FUNCTIONS_SHOWN = 15;
const EXIT = { met: 0, missed: 1, failed: 2 } as const;

interface Result {
  readonly scenario: string;
  readonly comparison: string;
  readonly turns: Turns;
  readonly verdicts: readonly Verdict[];
}

async function startEngines(processes: Processes): Promise<EmulatorEnvironment> {
  const ports = await choosePorts(undefined);
  await startEmulators(processes, { root: ROOT, ports });
  const environment = emulatorEnvironment(ports);
  Object.assign(process.env, environment); // for what the harness itself hands in and counts
  return environment;
}

async function measure(
  name: string,
  scenario: Scenario,
  stage: Stage,
  { rounds, size, only }: BenchOptions,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const comparison of chosen(scenario.comparisons(size), only)) {
    console.log(`\n${name}: ${comparison.name}`);
    const turns = await inTurn(comparison, stage, {
      scenario: name,
      count: rounds,
      say: (line) => console.log(`  ${line}`),
    });
    const verdicts = comparison.targets.map((target) => verdictOn(target, turns));
    console.log([table(comparison, turns), ...verdicts.map(verdictLine)].join('\n'));
    results.push({ scenario: name, comparison: comparison.name, turns, verdicts });
  }
  return results;
}

async function showProfiles(folder: string): Promise<void> {
  for (const file of (await readdir(folder)).filter((one) => one.endsWith('.cpuprofile') && !one.includes('warm-up'))) {
    console.log(`\nself time, ${file}`);
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
    for (const { name, share } of selfTimes(profile).slice(0, FUNCTIONS_SHOWN))
      console.log(`  ${(100 * share).toFixed(1).padStart(5)} %  ${name}`);
  }
}

async function bench(options: BenchOptions, processes: Processes, onStage: (stage: Stage) => void): Promise<number> {
  const facts = machine();
  const scenarios = Object.entries(SCENARIOS).filter(([name]) => options.scenarios.includes(name));
  const folder = join(
    ROOT,
    'lab/bench/out',
    `${new Date().toISOString().slice(0, 19).replaceAll(':', '.')}-${options.scenarios.join('-')}`,
  );
  await mkdir(folder, { recursive: true });
  console.log(machineLine(facts));
  const ccs = await Ccs.start(processes);
  const engines = scenarios.some(([, { needsEngines }]) => needsEngines) ? await startEngines(processes) : undefined;
  const stage = new Stage({
    ccs,
    engines,
    profileFolder: options.cpuProf ? folder : undefined,
    nodeOptions: options.nodeOptions,
  });
  onStage(stage);
  const results: Result[] = [];
  for (const [name, scenario] of scenarios) results.push(...(await measure(name, scenario, stage, options)));
  if (results.length === 0) throw new RangeError(`no comparison's name holds "${options.only}"`);
  await writeFile(
    join(folder, 'figures.json'),
    JSON.stringify({ at: new Date().toISOString(), machine: facts, options, results }, null, 1),
  );
  if (options.cpuProf) await showProfiles(folder);
  console.log(`\n${join(folder, 'figures.json')}`);
  return results.some(({ verdicts }) => verdicts.some(({ outcome }) => outcome === 'not met')) ? EXIT.missed : EXIT.met;
}

/** @returns the exit code */
async function run(options: BenchOptions): Promise<number> {
  const processes = new Processes(join(ROOT, '.local'), 'bench');
  let stage: Stage | undefined;
  const cut = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
    void processes.died.then((reason) => reject(new Error(reason)));
  });
  try {
    return await Promise.race([bench(options, processes, (one) => (stage = one)), cut]);
  } catch (error) {
    console.log(`\nno figure of this run counts: ${reasonOf(error)}`);
    return EXIT.failed;
  } finally {
    stage?.clear();
    await processes.stop();
  }
}

try {
  const options = benchOptions(process.argv.slice(2), Object.keys(SCENARIOS));
  if (options === undefined)
    console.log(helpText(Object.fromEntries(Object.entries(SCENARIOS).map(([name, { about }]) => [name, about]))));
  else process.exit(await run(options));
} catch (error) {
  console.log(`${reasonOf(error)}\nSee npm run bench -- --help`);
  process.exit(EXIT.failed);
}
