/**
 * The last to leave. It is started beside a run with a pipe as its standard input, and acts when that pipe closes,
 * however the run ended, a kill -9 included: it kills every process that carries the run's mark and removes the run's
 * folders.
 *
 * The mark is an environment variable, because everything else gets lost: the Firebase CLI gives each Java process a
 * group and session of its own, and whoever loses its parent no longer shows whose it was.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';

export const MARK = 'FCM_RELAY_RUN';

/**
 * A run that was started inside a run (a test that runs `npm start`) adds its mark to the outer one: both sweeps find
 * it.
 */
export const markOf = (run: string): string => [process.env[MARK], run].filter((mark) => mark !== undefined).join('+');

const carries = (environment: string, run: string): boolean =>
  new RegExp(`\\b${MARK}=[\\w+-]*${run}`).test(environment);

/** The processes of this user that carry the mark. */
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
        return false; // gone already, or not ours
      }
    })
    .map(Number);

const byPs = (run: string): number[] =>
  execFileSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'latin1', maxBuffer: 64e6 })
    .split('\n')
    .filter((line) => carries(line, run))
    .map((line) => Number.parseInt(line, 10));

async function sweep(run: string): Promise<void> {
  for (let left = marked(run); left.length > 0; left = marked(run)) {
    // again: one of them may have started another meanwhile
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        continue; // gone already
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

if (import.meta.main) {
  const [run = '', ...folders] = process.argv.slice(2);
  // only the pipe counts
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.stdin.resume();
  process.stdin.on('close', () => {
    void sweep(run).then(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      process.exit();
    });
  });
}
