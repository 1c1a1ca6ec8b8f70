import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Done } from '../../../lab/bench/progress.ts';
import { SideProcess } from '../../../lab/bench/side-process.ts';

const PROGRESS = pathToFileURL(join(import.meta.dirname, '../../../lab/bench/progress.ts')).href;
const folder = await mkdtemp(join(tmpdir(), 'relay-bench-'));
afterAll(() => rm(folder, { recursive: true }));

async function side(name: string, code: string): Promise<SideProcess> {
  const program = join(folder, `${name}.mjs`);
  await writeFile(program, `import { Progress } from '${PROGRESS}';\n${code}`);
  return new SideProcess({ name, program, env: {} });
}

const ENDS_ALL = `
  const progress = new Progress({ warmUp: 2, messages: 3, behind: 4 });
  process.send({ kind: 'total', total: progress.total });
  let warmMs = 0;
  for (let n = progress.take(); n !== undefined; n = progress.take()) {
    progress.ended(n);
    if (n === 1) warmMs = performance.now();
    await new Promise((resolve) => setTimeout(resolve, n === 1 ? 50 : n >= 5 ? 250 : 0));
  }
  await progress.finished;
  process.send({ kind: 'all', seconds: (performance.now() - warmMs) / 1_000 }, () => process.exit(0));`;

test('messages behind the measured ones are done, but not measured', async () => {
  const one = await side('behind', ENDS_ALL);
  expect(await one.said('total')).toMatchObject({ total: 9 });
  await one.said('warm');
  const { messages, seconds } = await one.said<Done>('done');
  expect(messages).toBe(3);
  expect(seconds).toBeGreaterThan(0.045);
  const all = await one.said<{ kind: 'all'; seconds: number }>('all');
  expect(seconds).toBeLessThan(all.seconds - 0.95); // the four behind take another second
  await one.end('by itself');
});

test('a message that ends twice is an error', async () => {
  const one = await side(
    'twice',
    'const progress = new Progress({ warmUp: 0, messages: 2 }); progress.take(); progress.ended(0); progress.ended(0);',
  );
  await expect(one.said('done')).rejects.toThrow('message 0 ended twice');
});
