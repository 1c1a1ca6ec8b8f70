import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The command as a person would run it. @returns its exit code and what it printed */
async function chaos(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['chaos/main.ts', ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

test('3 000 messages each way, five kills and every kind of fault: no violation', async () => {
  const { code, output } = await chaos('--messages', '3000', '--kills', '5', '--seed', '4');
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('no violation') });
  expect(output).toMatch(/downstream: accepted of handed in\s+3 000 of 3 000/);
  expect(output).toMatch(/killWorker\s+4\n/);
}, 600_000);

test('bad options are named, and nothing is started', async () => {
  expect(await chaos('--messages', 'many')).toEqual({ code: 2, output: expect.stringContaining('--messages must be a whole number') });
  expect(await chaos('--help')).toEqual({ code: 0, output: expect.stringContaining('--kills K') });
}, 30_000);
