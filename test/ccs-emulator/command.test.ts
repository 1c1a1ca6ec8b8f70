import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { controlClient } from '../../ccs-emulator/client.ts';

const MAIN = join(import.meta.dirname, '../../ccs-emulator/main.ts');
const start = (...args: string[]): ChildProcess => spawn(process.execPath, [MAIN, '--port', '0', '--control-port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

async function failure(...args: string[]): Promise<{ code: number; text: string }> {
  const child = start(...args);
  let text = '';
  child.stderr!.on('data', (bytes: Buffer) => void (text += bytes.toString()));
  const [code] = await once(child, 'close') as [number];
  return { code, text };
}

test('the command prints one line when ready, names a taken port and its option, and ends at SIGTERM', async () => {
  const child = start();
  const [line] = await once(createInterface({ input: child.stdout! }), 'line') as [string];
  const found = /^ready ccs=127\.0\.0\.1:(\d+) control=(http:\/\/127\.0\.0\.1:\d+) ca=(\/\S+)$/.exec(line);
  const [, port = '', control = ''] = found ?? [];
  expect(await controlClient(control).stats()).toMatchObject({ connections: { open: 0 } });
  expect(await failure('--port', port)).toEqual({ code: 1, text: expect.stringMatching(`port ${port} \\(option --port\\) cannot be listened on`) });
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
}, 20_000);

test.each([[['--latency', 'soon'], '--latency: a number is wanted'], [['--over-limit', 'x'], '--over-limit: one of ignore, nack, close'], [['--what'], "Unknown option '--what'"]])('a wrong command line is named: %j', async (args, text) => {
  expect(await failure(...args)).toEqual({ code: 1, text: expect.stringContaining(text) });
}, 20_000);
