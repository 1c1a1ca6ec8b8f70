#!/usr/bin/env node
/**
 * `npm run lock` regenerates the three package-lock.json; `npm run lock -- --check`, part of `npm run check`, only
 * checks them. The root's is made in an empty folder: next to a node_modules, npm copies entries from there, without
 * `integrity`. The deployed ones, in functions/ and worker/, are cut out of the root's: what is deployed was tested.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { FOLDERS } from './bundle.ts';
import { deployedFaults, lockFaults, seedOf, type LockEntry, type LockFile } from './lock-faults.ts';

const LOCK = 'package-lock.json';
const MANIFEST = 'package.json';
const SETTINGS = '.npmrc'; // keeps the registry's address out of lock files
const root = join(import.meta.dirname, '../..');

const read = async (...path: string[]): Promise<unknown> =>
  JSON.parse(await readFile(join(root, ...path), 'utf8')) as unknown;

if (!process.argv.includes('--check')) {
  const { workspaces } = (await read(MANIFEST)) as { workspaces: readonly string[] };
  await lock(
    '.',
    workspaces.map((folder) => join(folder, MANIFEST)),
  );
  const seed = seedOf((await read(LOCK)) as LockFile);
  for (const folder of FOLDERS) await lock(folder, [], seed);
}
const faults = await allFaults();
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(`${faults.length} fault(s) in lock files; \`npm run lock\` regenerates them`);
  process.exitCode = 1;
}

async function npm(folder: string, command: 'install' | 'prune'): Promise<void> {
  await promisify(execFile)('npm', [command, '--package-lock-only'], { cwd: folder });
}

/** Runs npm in an empty folder with the manifests in it. */
async function lock(folder: string, more: readonly string[], seed?: LockFile): Promise<void> {
  const empty = await mkdtemp(join(tmpdir(), 'relay-lock-'));
  try {
    await copyFile(join(root, SETTINGS), join(empty, SETTINGS));
    for (const file of [MANIFEST, ...more]) {
      await mkdir(dirname(join(empty, file)), { recursive: true });
      await copyFile(join(root, folder, file), join(empty, file));
    }
    if (seed !== undefined) await writeFile(join(empty, LOCK), JSON.stringify(seed));
    await npm(empty, 'install');
    await npm(empty, 'prune'); // npm 11 leaves entries that it moved while planning, as "extraneous"
    await copyFile(join(empty, LOCK), join(root, folder, LOCK));
    console.log(`${join(folder, LOCK)} regenerated`);
  } finally {
    await rm(empty, { recursive: true });
  }
}

async function allFaults(): Promise<readonly string[]> {
  const whole = (await read(LOCK)) as LockFile;
  const deployed = await Promise.all(
    FOLDERS.map(async (folder) => {
      const [file, own] = [join(folder, LOCK), (await read(folder, LOCK)) as LockFile];
      const manifest = (await read(folder, MANIFEST)) as LockEntry;
      return [...lockFaults(file, own), ...deployedFaults(file, own, { manifest, root: whole })];
    }),
  );
  return [...lockFaults(LOCK, whole), ...deployed.flat()];
}
