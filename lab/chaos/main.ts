#!/usr/bin/env node
/** `npm run chaos`: see `--help`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../dev/stack/http.ts';
import { Processes } from '../../dev/stack/processes.ts';
import { check } from './check.ts';
import { chaosOptions, HELP, type ChaosOptions } from './options.ts';
import { stories, table } from './report.ts';
import { runChaos } from './run.ts';
import { CONNECTIONS, PENDING_LIMIT } from './stack.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns the exit code */
async function chaos(options: ChaosOptions): Promise<number> {
  print(`chaos: ${options.messages} messages each way, ${options.kills} kills, seed ${options.seed}`);
  const processes = new Processes(join(import.meta.dirname, '../../.local'), 'chaos');
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupted.abort(new Error('interrupted')));
  const ended = new Promise<never>((_, reject) => {
    interrupted.signal.addEventListener('abort', () => reject(new Error('interrupted')));
    void processes.died.then((reason) => reject(new Error(reason)));
  });
  try {
    const { history, tookMs } = await Promise.race([
      runChaos(processes, options, { print, signal: interrupted.signal }),
      ended,
    ]);
    const judgement = check(history, { pendingLimit: PENDING_LIMIT, connections: CONNECTIONS });
    print(table(history, judgement, tookMs));
    if (judgement.violations.length === 0) {
      print('no violation');
      return 0;
    }
    print(stories(history, judgement));
    await writeFile(join(processes.logFolder, 'history.json'), JSON.stringify(history));
    print(
      `\n${judgement.violations.length} violation(s); again with --seed ${options.seed}; history and logs: ${processes.logFolder}`,
    );
    return 1;
  } catch (error) {
    print(`the run ended before its time: ${reasonOf(error)}`);
    return 1;
  } finally {
    interrupted.abort(new Error('over'));
    await processes.stop();
  }
}

if (import.meta.main) {
  try {
    const options = chaosOptions(process.argv.slice(2));
    if (options === undefined) print(HELP);
    else process.exit(await chaos(options)); // clients of ours may still hold a connection
  } catch (error) {
    print(`${reasonOf(error)}\nSee npm run chaos -- --help`);
    process.exit(2);
  }
}
