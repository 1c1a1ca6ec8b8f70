/**
 * The guardian: a process beside each run that outlives it. Its standard input is a pipe from the run. When that pipe
 * closes, however the run ended, `kill -9` included, it kills every process that carries the run's mark and removes the
 * run's folders.
 *
 * The mark is an environment variable because nothing else survives: the Firebase CLI gives each Java process a process
 * group and a session of its own, and an orphan no longer shows whose child it was.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';

export const MARK = 'FCM_RELAY_RUN';

/**
 * A run inside a run (a test that runs `npm start`) appends its mark to the outer one, so that both guardians find its
 * processes.
 */
export const markOf = (run: string): string => [process.env[MARK], run].filter((mark) => mark !== undefined).join('+');

const carries = (environment: string, run: string): boolean =>
  new RegExp(`\\b${MARK}=[\\w+-]*${run}`).test(environment);

/** The process ids of this user that carry the mark. */
export function marked(run: string): number[] {
  return (process.platform === 'linux' ? byProc(run) : byPs(run)).filter((pid) => pid !== process.pid);
}

const byProc = (run: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return carries(readFileSync(`/proc/${pid}/environ`, 'latin1'), run);
      } catch {
        return false; // has ended, or belongs to another user
      }
    })
    .map(Number);

const byPs = (run: string): number[] =>
  execFileSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'latin1', maxBuffer: 64e6 })
    .split('\n')
    .filter((line) => carries(line, run))
    .map((line) => Number.parseInt(line, 10));

async function killAll(run: string): Promise<void> {
  for (let left = marked(run); left.length > 0; left = marked(run)) {
    // more than one pass: a process may have started another in the meantime
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        continue; // has ended
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

if (import.meta.main) {
  const [run = '', ...folders] = process.argv.slice(2);
  // only the pipe matters
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.stdin.resume();
  process.stdin.on('close', () => {
    void killAll(run).then(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      process.exit();
    });
  });
}
