import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EmulatorControl } from '../client.ts';
import type { Endpoint } from './load-client.ts';

export interface EmulatorProcess {
  readonly endpoint: Endpoint;
  readonly control: EmulatorControl;
  stop(): Promise<void>;
}

/** The emulator as a user runs it, in a process of its own, whose CPU and memory can be measured. */
export async function startProcess(args: readonly string[]): Promise<EmulatorProcess> {
  const main = join(import.meta.dirname, '..', 'main.ts');
  const child = spawn(process.execPath, ['--expose-gc', main, '--port', '0', '--control-port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const found = /^ready ccs=(.*):(\d+) control=(\S+) ca=(.*)$/.exec(line);
  if (found === null) throw new Error(`not ready: ${line}`);
  const [, host = '', port = '', control = '', ca = ''] = found;
  const stop = async (): Promise<void> => {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  };
  return { endpoint: { host, port: Number(port), ca: readFileSync(ca) }, control: new EmulatorControl(control), stop };
}
