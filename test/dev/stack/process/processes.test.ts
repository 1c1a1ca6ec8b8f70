import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePorts, PortsTakenError } from '../../../../dev/stack/ports.ts';
import { Processes } from '../../../../dev/stack/process/processes.ts';
import { StartError } from '../../../../dev/stack/process/running-process.ts';

const folder = await mkdtemp(join(tmpdir(), 'relay-processes-'));
afterAll(() => rm(folder, { recursive: true }));

const runs = new Set<Processes>();
const newRun = (): Processes => {
  const processes = new Processes(folder, 'test');
  runs.add(processes);
  return processes;
};
afterEach(async () => {
  await Promise.all([...runs].map((processes) => processes.stop()));
  runs.clear();
});

const node = (name: string, code: string) => ({
  name,
  command: process.execPath,
  args: ['-e', code],
  ready: /ready/,
  readyWithinMs: 10_000,
});

/** Like the Firebase CLI with Java: a grandchild in a session of its own, which ignores SIGTERM. */
const WITH_GRANDCHILD = `
  const code = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
  const { spawn } = require('child_process');
  const stdio = ['ignore', 'pipe', 'ignore'];
  const child = spawn(process.execPath, ['-e', code], { detached: true, stdio });
  child.stdout.once('data', () => console.log('ready', process.pid, child.pid));
  setInterval(() => {}, 1000);`;

const pidsIn = (output: string): number[] => (/ready (\d+) (\d+)/.exec(output) ?? []).slice(1).map(Number);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** An orphan is gone once init has reaped it, which takes a moment. */
async function gone(pids: readonly number[]): Promise<void> {
  for (let left = pids; left.length > 0; left = left.filter(alive))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

test('stop ends grandchildren with sessions of their own, and removes generated files', async () => {
  const processes = newRun();
  const pids = pidsIn(await processes.run(node('family', WITH_GRANDCHILD)));
  expect(pids.map(alive)).toEqual([true, true]);
  await processes.stop();
  await gone(pids);
  expect(existsSync(processes.folder)).toBe(false);
});

test('processes with a grace period end by themselves, the youngest first', async () => {
  const processes = newRun();
  const file = join(folder, 'order');
  await writeFile(file, '');
  const polite = (name: string) =>
    node(
      name,
      `
    process.on('SIGTERM', () => { require('fs').appendFileSync(${JSON.stringify(file)}, '${name} '); process.exit(); });
    setInterval(() => {}, 1000);
    console.log('ready');`,
    );
  await processes.run({ ...polite('first'), graceMs: 5_000 });
  await processes.run({ ...polite('second'), graceMs: 5_000 });
  await processes.stop();
  expect(await readFile(file, 'utf8')).toBe('second first ');
});

test('the processes end even if their owner is killed with -9', async () => {
  const local = JSON.stringify(join(import.meta.dirname, '../../../../dev/stack/process/processes.ts'));
  const owner = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    const { Processes } = await import(${local});
    const args = ['-e', ${JSON.stringify(WITH_GRANDCHILD)}];
    const spec = { name: 'family', args, ready: /ready/, readyWithinMs: 10000 };
    console.log(await new Processes(${JSON.stringify(folder)}, 'owner').run(spec));
  `,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [output] = (await once(owner.stdout, 'data')) as [Buffer];
  const pids = pidsIn(output.toString());
  expect(pids.map(alive)).toEqual([true, true]);
  owner.kill('SIGKILL');
  await gone(pids);
  for (const run = join(folder, 'runs'); readdirSync(run).length > 0;)
    await new Promise((resolve) => setTimeout(resolve, 20));
});

test('a process that ends before it is ready is reported with its last output and its log', async () => {
  const error: unknown = await newRun()
    .run(node('short lived', "console.error('no such luck'); process.exit(3)"))
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartError);
  expect(String(error)).toMatch(
    /short lived ended at once \(exit code 3\)\n {2}\| no such luck\n {2}its log: .*short-lived\.log/,
  );
});

test('a process that reports an error is quoted from that line on', async () => {
  const run = newRun().run({
    ...node('doomed', "console.log('fine\\nError: x\\nready'); setInterval(() => {}, 1000)"),
    hopeless: /^Error/m,
  });
  await expect(run).rejects.toThrow(/doomed reported an error\n {2}\| Error: x\n/);
});

test('a process that dies later is reported by name', async () => {
  const processes = newRun();
  await processes.run(node('mortal', "console.log('ready'); setTimeout(() => process.exit(7), 50)"));
  expect(await processes.died).toMatch(/^mortal has ended \(exit code 7\)/);
});

describe('a process with restart', () => {
  const lines: string[] = [];
  const restart = { unlessCode: 78, say: (line: string) => void lines.push(line) };
  beforeEach(() => void lines.splice(0));

  /** Prints the number of its start. */
  const counting = (file: string, then: string) =>
    node(
      'worker',
      `
    const fs = require('fs');
    const file = ${JSON.stringify(file)};
    const before = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split(' ').length : 0;
    const start = before + 1;
    console.log('ready ' + start); // before the next line, after which it may be killed
    fs.appendFileSync(file, process.pid + ' ');
    ${then}`,
    );
  const pids = async (file: string): Promise<number[]> =>
    (await readFile(file, 'utf8').catch(() => ''))
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number);
  const starts = async (file: string, count: number): Promise<number[]> => {
    for (;;) {
      const all = await pids(file);
      if (all.length >= count) return all;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test('it is restarted a second after a kill, then after two; stop ends the last one', async () => {
    const processes = newRun();
    const file = join(folder, 'killed');
    await processes.run({ ...counting(file, 'setInterval(() => {}, 1000)'), restart });
    for (const nth of [1, 2]) process.kill((await starts(file, nth))[nth - 1]!, 'SIGKILL');
    const all = await starts(file, 3);
    expect(lines).toEqual([1, 2].map((s) => `worker has ended (SIGKILL); restarting in ${s} s`));
    await processes.stop();
    await gone(all);
    const [log = ''] = readdirSync(processes.logFolder);
    expect(await readFile(join(processes.logFolder, log), 'utf8')).toBe('ready 1\nready 2\nready 3\n');
  });

  test('stop during the delay prevents the restart', async () => {
    const processes = newRun();
    const file = join(folder, 'waiting');
    await processes.run({ ...counting(file, 'setTimeout(() => process.exit(1), 50)'), restart });
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await processes.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await pids(file)).toHaveLength(1);
  });

  test('a configuration error is final', async () => {
    const processes = newRun();
    const file = join(folder, 'misconfigured');
    await processes.run({ ...counting(file, 'setTimeout(() => process.exit(start === 2 ? 78 : 1), 50)'), restart });
    expect(await processes.died).toMatch(/^worker has ended \(exit code 78\)/);
    expect(await pids(file)).toHaveLength(2);
  });
});

test('a port in use is named, with the option that asked for it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const base = port - 2;
  const error: unknown = await choosePorts(base).catch((reason: unknown) => reason);
  server.close();
  expect(error).toBeInstanceOf(PortsTakenError);
  expect(String(error)).toContain(`${port} (pubsub)`);
  expect(String(error)).toContain(`--port-base ${base}`);
  await expect(choosePorts(80)).rejects.toThrow(RangeError);
});
