import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One jest process for one project of jest.config.js. */
export interface JestRun {
  readonly root: string;
  readonly project: 'unit' | 'engines';
  /** From the command line: paths, `-t name`. */
  readonly args: readonly string[];
}

export interface Outcome {
  readonly passed: number;
  /** Failed tests, plus files that could not be run, plus 1 if jest did not exit. */
  readonly failed: number;
}

export const NOTHING: Outcome = { passed: 0, failed: 0 };

const ENDS_WITHIN_MS = 10_000; // after its report; jest waits for ever for an open handle
const TEST_TIMEOUT_MS = 30_000; // generous, for a busy machine: the first call to a JVM, a long simulation
const FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

/** Runs the tests, with their output on our terminal. @param outputFile must not exist yet */
export async function jest(run: JestRun, outputFile: string): Promise<Outcome> {
  const timeout = String(TEST_TIMEOUT_MS);
  const options = ['--passWithNoTests', '--testTimeout', timeout, '--json', '--outputFile', outputFile];
  const child = start(run, options, 'ignore'); // with --json, stdout is the report
  const hung = (await exitsByItself(child, outputFile)) ? 0 : 1;
  if (hung > 0) console.error(`jest (${run.project}) did not exit: a test has left a handle open`);
  const report = JSON.parse(await readFile(outputFile, 'utf8')) as Record<`num${string}`, number>;
  return {
    passed: report['numPassedTests'] ?? 0,
    failed: (report['numFailedTests'] ?? 0) + (report['numRuntimeErrorTestSuites'] ?? 0) + hung,
  };
}

async function exitsByItself(child: ChildProcess, outputFile: string): Promise<boolean> {
  let reportedAt: number | undefined;
  const watch = setInterval(() => {
    if (existsSync(outputFile)) reportedAt ??= Date.now();
    if (reportedAt !== undefined && Date.now() - reportedAt > ENDS_WITHIN_MS) child.kill('SIGKILL');
  }, 500);
  await once(child, 'close');
  clearInterval(watch);
  return child.signalCode !== 'SIGKILL';
}

/** How many test files the arguments select. */
export async function countFiles(run: JestRun): Promise<number> {
  const child = start(run, ['--listTests'], 'pipe');
  let list = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (list += chunk));
  await once(child, 'close');
  return list.split('\n').filter((line) => line.startsWith(run.root)).length;
}

function start({ root, project, args }: JestRun, more: readonly string[], stdout: 'pipe' | 'ignore') {
  // The user's arguments come first: --selectProjects takes everything after it for projects.
  const all = [...FLAGS, join(root, 'node_modules/jest/bin/jest.js'), ...args, '--selectProjects', project, ...more];
  return spawn(process.execPath, all, {
    cwd: root,
    stdio: ['ignore', stdout, 'inherit'],
  });
}
