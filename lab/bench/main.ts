#!/usr/bin/env node
/** `npm run bench`: see `--help`. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmulators } from '../../dev/stack/emulators/emulators.ts';
import { reasonOf } from '../../dev/stack/http.ts';
import { choosePorts } from '../../dev/stack/ports.ts';
import { Processes } from '../../dev/stack/process/processes.ts';
import { LOCAL_FOLDER } from '../../dev/stack/programs.ts';
import { runCommand } from '../../ops/cli/run-command.ts';
import { Ccs } from './ccs.ts';
import { machine, machineLine } from './machine.ts';
import { benchCommand, benchOptions, type BenchOptions } from './options.ts';
import { selfTimes, type CpuProfile } from './profile.ts';
import { table, verdictLine } from './report.ts';
import { chosen, inTurn } from './rounds.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Scenario } from './scenario.ts';
import { Testbed } from './testbed.ts';
import { verdictOn, type Turns, type TargetResult } from './verdict.ts';

const OUT = join(import.meta.dirname, 'out');
const FUNCTIONS_SHOWN = 15;
const EXIT = { met: 0, missed: 1, failed: 2 } as const;

interface Result {
  readonly scenario: string;
  readonly comparison: string;
  readonly turns: Turns;
  readonly verdicts: readonly TargetResult[];
}

async function measure(
  name: string,
  scenario: Scenario,
  testbed: Testbed,
  { rounds, size, only }: BenchOptions,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const comparison of chosen(scenario.comparisons(size), only)) {
    console.log(`\n${name}: ${comparison.name}`);
    const turns = await inTurn(comparison, testbed, {
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

async function bench(
  options: BenchOptions,
  processes: Processes,
  onStage: (testbed: Testbed) => void,
): Promise<number> {
  const facts = machine();
  const scenarios = Object.entries(SCENARIOS).filter(([name]) => options.scenarios.includes(name));
  const startedAt = new Date().toISOString().slice(0, 19).replaceAll(':', '.');
  const folder = join(OUT, `${startedAt}-${options.scenarios.join('-')}`);
  await mkdir(folder, { recursive: true });
  console.log(machineLine(facts));
  const ccs = await Ccs.start(processes);
  const needsEngines = scenarios.some(([, scenario]) => scenario.needsEngines);
  const engines = needsEngines ? await startEmulators(processes, await choosePorts(undefined)) : undefined;
  const testbed = new Testbed({
    ccs,
    engines,
    profileFolder: options.cpuProf ? folder : undefined,
    nodeOptions: options.nodeOptions,
  });
  onStage(testbed);
  const results: Result[] = [];
  for (const [name, scenario] of scenarios) results.push(...(await measure(name, scenario, testbed, options)));
  if (results.length === 0) throw new RangeError(`no comparison has a name with "${options.only}"`);
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
  const processes = new Processes(LOCAL_FOLDER, 'bench');
  let testbed: Testbed | undefined;
  const cut = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
    void processes.died.then((reason) => reject(new Error(reason)));
  });
  try {
    return await Promise.race([bench(options, processes, (one) => (testbed = one)), cut]);
  } catch (error) {
    console.log(`\nno figure of this run counts: ${reasonOf(error)}`);
    return EXIT.failed;
  } finally {
    testbed?.clear();
    await processes.stop();
  }
}

const names = Object.keys(SCENARIOS);
const command = benchCommand(Object.fromEntries(Object.entries(SCENARIOS).map(([name, { about }]) => [name, about])));
process.exit(await runCommand(command, (parsed) => run(benchOptions(parsed, names)))); // exit: some clients stay open
