import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosen, inTurn } from '../../../lab/bench/rounds.ts';
import type { Comparison, Turn } from '../../../lab/bench/scenario.ts';
import { SideProcess, TurnError } from '../../../lab/bench/side-process.ts';
import type { Testbed } from '../../../lab/bench/testbed.ts';

const folder = await mkdtemp(join(tmpdir(), 'relay-bench-'));
afterAll(() => rm(folder, { recursive: true }));

async function side(name: string, code: string): Promise<SideProcess> {
  const program = join(folder, `${name}.mjs`);
  await writeFile(program, code);
  return new SideProcess({ name, program, env: { GREETING: 'hello' } });
}

const BURNS_CPU = `
  process.on('SIGTERM', () => process.exit(0));
  for (const end = Date.now() + 100; Date.now() < end;);
  console.log('port:', 17);
  process.send({ kind: 'warm' });
  process.send({ kind: 'done', greeting: process.env.GREETING });
  setInterval(() => undefined, 1000);`;

test('a side reports its messages, and what its process has used', async () => {
  const one = await side('well', BURNS_CPU);
  expect(await one.said('done')).toEqual({ kind: 'done', greeting: 'hello' });
  expect(await one.said('warm')).toEqual({ kind: 'warm' });
  expect(await one.printed(/port: (\d+)/)).toBe('17');
  const { cpuMicros, peakRssBytes } = await one.usage();
  expect(cpuMicros).toBeGreaterThan(50_000);
  expect(peakRssBytes).toBeGreaterThan(10 * 1_048_576);
  await one.end('SIGTERM');
});

test('a side that ends too early fails with its last output', async () => {
  const one = await side('early', "throw new Error('no such queue')");
  await expect(one.said('done')).rejects.toThrow(/early ended before it said "done" \(exit code 1\)[^]*no such queue/);
});

test('a side that fails after its last message has failed', async () => {
  const one = await side('late', "process.send({ kind: 'done' }, () => { throw new Error('one message is left') })");
  await one.said('done');
  await expect(one.end('by itself')).rejects.toThrow('one message is left');
});

const TESTBED = { begin: () => undefined, clear: () => undefined } as unknown as Testbed;
const TURN: Turn = { messages: 1, seconds: 1, cpuMicros: 1, peakRssBytes: 1, ccsShare: 0, machineShare: 0 };

test('the sides take turns, and the first turn of each does not count', async () => {
  const order: string[] = [];
  const take = (name: string) => () => {
    order.push(name);
    return Promise.resolve({ ...TURN, messages: order.length });
  };
  const comparison: Comparison = {
    name: 'x',
    sides: ['a', 'b'].map((name) => ({ name, turn: take(name) })),
    targets: [],
  };
  const turns = await inTurn(comparison, TESTBED, { scenario: 's', count: 2, say: () => undefined });
  expect(order.join('')).toBe('ababab');
  expect(turns['a']?.map(({ messages }) => messages)).toEqual([3, 5]);
  expect(turns['b']?.map(({ messages }) => messages)).toEqual([4, 6]);
});

test('a failed turn ends the run, and is named', async () => {
  const comparison: Comparison = {
    name: 'x',
    sides: [{ name: 'a', turn: () => Promise.reject(new Error('3 of 4')) }],
    targets: [],
  };
  const rounds = inTurn(comparison, TESTBED, { scenario: 's', count: 1, say: () => undefined });
  await expect(rounds).rejects.toThrow(TurnError);
  await expect(rounds).rejects.toThrow('x, a, warm-up: 3 of 4');
});

test('a comparison with long turns takes fewer', async () => {
  const comparison: Comparison = {
    name: 'x',
    sides: [{ name: 'a', turn: () => Promise.resolve(TURN) }],
    targets: [],
    roundsAtMost: 2,
  };
  const counted = async (count: number) =>
    (await inTurn(comparison, TESTBED, { scenario: 's', count, say: () => undefined }))['a']?.length;
  expect([await counted(1), await counted(2), await counted(5)]).toEqual([1, 2, 2]);
});

test('what takes very long only runs by name', () => {
  const all = [{ name: '10 queued' }, { name: '1000 queued', onlyWhenNamed: true }].map((one): Comparison => ({
    sides: [],
    targets: [],
    ...one,
  }));
  const names = (only: string) => chosen(all, only).map(({ name }) => name);
  expect(names('')).toEqual(['10 queued']);
  expect(names('1000')).toEqual(['1000 queued']);
  expect(names('queued')).toEqual(['10 queued', '1000 queued']);
  expect(names('none')).toEqual([]);
});
