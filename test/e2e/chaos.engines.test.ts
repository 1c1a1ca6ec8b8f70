import { execFile, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../lab/chaos/main.ts');

let child: ChildProcess | undefined;
afterEach(() => void child?.kill()); // it stops what it has started

/**
 * The short form of `npm run chaos`, on emulators of its own. The seed determines the schedule of faults only; no two
 * runs are alike.
 */
test('2 000 messages each way under 5 kills and all other faults: no violation', async () => {
  const { status, output } = await run('--messages', '2000', '--kills', '5', '--rate', '60', '--seed', '1');
  if (status !== 0) throw new Error(output);
  expect(output).toMatch(/^no violation$/m);
}, 400_000);

function run(...args: readonly string[]): Promise<{ status: number | string | null; output: string }> {
  return new Promise((resolve) => {
    const started = execFile(process.execPath, [MAIN, ...args], (_, stdout, stderr) =>
      resolve({ status: started.exitCode, output: stdout + stderr }),
    );
    child = started;
  });
}
