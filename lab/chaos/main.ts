#!/usr/bin/env node
/** `npm run chaos`: see `--help`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../dev/stack/http.ts';
import { Processes } from '../../dev/stack/process/processes.ts';
import { LOCAL_FOLDER } from '../../dev/stack/programs.ts';
import { runCommand } from '../../ops/cli/run-command.ts';
import { check } from './check/check.ts';
import { chaosOptions, COMMAND, type ChaosOptions } from './options.ts';
import { runPlans } from './plans/run-plans.ts';
import { table, timelines } from './report.ts';
import { runChaos } from './run.ts';
import { CONNECTIONS, PENDING_LIMIT } from './stack/stack.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns whether there was no violation */
async function randomFaults(processes: Processes, options: ChaosOptions, signal: AbortSignal): Promise<boolean> {
  print(`chaos: ${options.messages} messages each way, ${options.kills} kills, seed ${options.seed}`);
  const { history, tookMs } = await runChaos(processes, options, { print, signal });
  const judgement = check(history, { pendingLimit: PENDING_LIMIT, connections: CONNECTIONS });
  print(table(history, judgement, tookMs));
  if (judgement.violations.length === 0) {
    print('no violation');
    return true;
  }
  print(timelines(history, judgement));
  await writeFile(join(processes.logFolder, 'history.json'), JSON.stringify(history));
  print(`\n${judgement.violations.length} violation(s); repeat with --seed ${options.seed}`);
  print(`history and logs: ${processes.logFolder}`);
  return false;
}

/** @returns the exit code */
async function chaos(options: ChaosOptions): Promise<number> {
  const processes = new Processes(LOCAL_FOLDER, 'chaos');
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupted.abort(new Error('interrupted')));
  const ended = new Promise<never>((_, reject) => {
    interrupted.signal.addEventListener('abort', () => reject(new Error('interrupted')));
    void processes.died.then((reason) => reject(new Error(reason)));
  });
  const run = options.plans.length > 0 ? runPlans : randomFaults;
  try {
    return (await Promise.race([run(processes, options, interrupted.signal), ended])) ? 0 : 1;
  } catch (error) {
    print(`the run failed: ${reasonOf(error)}`);
    return 1;
  } finally {
    interrupted.abort(new Error('over'));
    await processes.stop();
  }
}

// exit: our own clients may still hold a connection
if (import.meta.main) process.exit(await runCommand(COMMAND, ({ values }) => chaos(chaosOptions(values))));
