import { execFile } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../chaos/main.ts');

/** The short form of `npm run chaos`, on engines of its own. The seed is that of the faults only: when they strike, every run is another one. */
test('2 000 messages each way under 5 kills and all other faults: no violation', async () => {
  const { status, output } = await run('--messages', '2000', '--kills', '5', '--rate', '60', '--seed', '1');
  if (status !== 0) throw new Error(output);
  expect(output).toMatch(/^no violation$/m);
}, 400_000);

function run(...args: readonly string[]): Promise<{ status: number | string | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], (_, stdout, stderr) => resolve({ status: child.exitCode, output: stdout + stderr }));
  });
}
