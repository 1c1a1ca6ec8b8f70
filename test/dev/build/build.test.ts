import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stop } from 'esbuild';
import { bundle, manifestFaults, ManifestError, type Manifest } from '../../../dev/build/bundle.ts';

const root = await mkdtemp(join(tmpdir(), 'relay-build-'));
afterAll(async () => {
  await stop(); // esbuild's service process would count as left open
  await rm(root, { recursive: true });
});

const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};

async function project(folder: string, own: Manifest, code: string): Promise<void> {
  await write(
    'package.json',
    JSON.stringify({ dependencies: { zod: '^4.6.7' }, devDependencies: { typescript: '^6.0.3' } }),
  );
  await write('relay/shared.ts', "import { z } from 'zod';\nexport const name: string = typeof z;\n");
  await write(`${folder}/package.json`, JSON.stringify(own));
  await write(`${folder}/index.ts`, code);
}

const faultsOf = async (folder: string): Promise<readonly string[]> => {
  const error: unknown = await bundle(root, folder).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ManifestError);
  expect(existsSync(join(root, folder, 'dist'))).toBe(false);
  return (error as ManifestError).faults;
};

test('a bundle contains our own files; packages and Node modules stay external', async () => {
  const code =
    "import { join } from 'node:path';\nimport { name } from '../relay/shared.ts';\nexport default join(name);\n";
  await project('good', { dependencies: { zod: '^4.6.7' } }, code);
  expect(await bundle(root, 'good')).toMatchObject({ file: 'good/dist/index.js', packages: ['zod'] });
  const built = await readFile(join(root, 'good/dist/index.js'), 'utf8');
  expect(built).toContain('from "zod"');
  expect(built).not.toContain('relay/shared.ts"');
  expect(existsSync(join(root, 'good/dist/index.js.map'))).toBe(true);
});

test('a package missing from the manifest is reported with its importers, and nothing is written', async () => {
  const code =
    "import '../relay/shared.ts';\nimport { T } from '@scope/tool/deep/file.js';\nthrow new T(await import('lazy'));\n";
  await project('bare', {}, code);
  expect((await faultsOf('bare')).toSorted()).toEqual([
    'bare/package.json lacks "@scope/tool": bare/index.ts imports it',
    'bare/package.json lacks "lazy": bare/index.ts imports it',
    'bare/package.json lacks "zod": relay/shared.ts imports it',
  ]);
});

test('a package imported for its types only need not be listed', async () => {
  await project('types', {}, "import type { Node } from 'typescript';\nexport const nodes: Node[] = [];\n");
  expect((await bundle(root, 'types')).packages).toEqual([]);
});

test('a version other than the one tested at the root is refused, even of a package not imported', async () => {
  await project(
    'old',
    { dependencies: { zod: '^3.0.0', typescript: '^6.0.3', express: '5' } },
    "import '../relay/shared.ts';\n",
  );
  expect(await faultsOf('old')).toEqual([
    'old/package.json has "zod": "^3.0.0", package.json "^4.6.7": make them the same',
    'old/package.json has "express": "5", package.json "none": make them the same',
  ]);
});

test('a devDependency does not count: it is not installed where the bundle runs', () => {
  const importers = new Map([['zod', ['worker/index.ts', 'relay/a.ts']]]);
  expect(
    manifestFaults('worker', importers, { devDependencies: { zod: '1' } }, { dependencies: { zod: '1' } }),
  ).toEqual(['worker/package.json lacks "zod": worker/index.ts, relay/a.ts import it']);
});

test('the manifests of this repository agree with its root', async () => {
  const manifest = async (path: string): Promise<Manifest> => JSON.parse(await readFile(path, 'utf8')) as Manifest;
  const here = await manifest('package.json');
  for (const folder of ['functions', 'worker'])
    expect(manifestFaults(folder, new Map(), await manifest(`${folder}/package.json`), here)).toEqual([]);
});
