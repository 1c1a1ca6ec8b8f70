import { RunningProcess } from '../../../../dev/stack/process/running-process.ts';
import { SupervisedProcess } from '../../../../lab/chaos/stack/supervised-process.ts';

const CODE = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); console.log('ready')";

let started: RunningProcess[];
let supervised: SupervisedProcess;
beforeEach(async () => {
  started = [];
  supervised = new SupervisedProcess('victim', async () => {
    const process = new RunningProcess({ name: 'victim', args: ['-e', CODE] });
    started.push(process);
    await process.becomesReady({ ready: /ready/, readyWithinMs: 10_000 });
    return process;
  });
  await supervised.start();
});
afterEach(() => Promise.all(started.map((process) => process.kill())));

test('a killed process gets a successor', async () => {
  await supervised.kill(() => expect(started[0]?.howEnded).toBe('SIGKILL'));
  expect(started.map(({ hasEnded }) => hasEnded)).toEqual([true, false]);
});

test('a replacement is ready before its predecessor is asked to stop', async () => {
  const tookMs = await supervised.replace(() =>
    expect(started.map(({ hasEnded }) => hasEnded)).toEqual([false, false]),
  );
  expect(tookMs).toBeLessThan(5_000);
  expect(started.map(({ exitCode }) => exitCode)).toEqual([0, null]);
});

test('one thing is done to it at a time', async () => {
  const frozen = supervised.freeze(50);
  expect(supervised.isBusy).toBe(true);
  await expect(supervised.kill(() => undefined)).rejects.toThrow('victim is busy');
  await frozen;
  expect(supervised.isBusy).toBe(false);
});

test('a process that died by itself is an error', async () => {
  const [process] = started;
  process?.signal('SIGTERM');
  await process?.exited;
  expect(() => supervised.assertAlive()).toThrow('victim died by itself (exit code 0)');
  await expect(supervised.kill(() => undefined)).rejects.toThrow('victim died by itself');
});
