import { readFile } from 'node:fs/promises';
import { deployedFaults, lockFaults, seedOf, type LockEntry, type LockFile } from '../../../dev/build/lock-faults.ts';

const INTEGRITY = `sha512-${'A'.repeat(86)}==`;
const LOCK = 'package-lock.json';

const faultsOf = (packages: LockFile['packages']): string[] => lockFaults(LOCK, { packages });
const onlyOne = (entry: LockEntry): string[] =>
  faultsOf({ '': {}, 'node_modules/zod': { version: '4.6.7', ...entry } });

test('an entry with an integrity and no place to fetch from is accepted', () => {
  expect(onlyOne({ integrity: INTEGRITY })).toEqual([]);
});

test.each([
  ['none', {}],
  ['an empty one', { integrity: '' }],
  ['SHA-1, which has collisions', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
  ['SHA-1 beside SHA-512', { integrity: `sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${INTEGRITY}` }],
])('an entry without an integrity that verifies is refused: %s', (_name, entry: LockEntry) => {
  expect(onlyOne(entry)).toEqual(['package-lock.json: node_modules/zod has no SHA-512 integrity']);
});

test.each(['https://example.org/zod/-/zod-4.6.7.tgz', 'git+ssh://git@example.org/zod.git#1234', 'file:../zod', ''])(
  'an entry that names where to fetch it is refused: %j',
  (resolved) => {
    const fault = 'package-lock.json: node_modules/zod names where to fetch it ("resolved")';
    expect(onlyOne({ integrity: INTEGRITY, resolved })).toEqual([fault]);
  },
);

test('workspaces, links to them and bundled packages need no integrity; packages installed in a workspace do', () => {
  expect(
    faultsOf({
      worker: {},
      'node_modules/@fcm-relay/worker': { link: true, resolved: 'worker' },
      'node_modules/npm': { integrity: INTEGRITY },
      'node_modules/npm/node_modules/abbrev': { inBundle: true },
      'worker/node_modules/zod': {},
    }),
  ).toEqual(['package-lock.json: worker/node_modules/zod has no SHA-512 integrity']);
});

test('a link points to a workspace, not out of the project or to an installed package', () => {
  expect(
    faultsOf({
      'node_modules/a': { link: true, resolved: '../a' },
      'node_modules/b': { link: true, resolved: 'node_modules/a' },
      'node_modules/c': { link: true },
    }),
  ).toEqual(['a', 'b', 'c'].map((name) => `package-lock.json: node_modules/${name} does not link to a workspace`));
});

test('a deployed folder locks what the root locks, whatever the path', () => {
  const zod = { version: '4.6.7', integrity: INTEGRITY };
  const elsewhere = { 'node_modules/a/node_modules/zod': zod, 'node_modules/zod': { ...zod, version: '3.0.0' } };
  const root: LockFile = { packages: elsewhere };
  const wanted = { manifest: { dependencies: { zod: '^4.6.7' } }, root };
  const faults = (entry: LockEntry, range: string): string[] =>
    deployedFaults('W', { packages: { '': { dependencies: { zod: range } }, 'node_modules/zod': entry } }, wanted);
  expect(faults(zod, '^4.6.7')).toEqual([]);
  expect(faults({ ...zod, version: '4.7.0' }, '^4.6.7')).toEqual([
    'W: node_modules/zod 4.7.0 is not what package-lock.json has',
  ]);
  expect(faults({ ...zod, integrity: `sha512-${'B'.repeat(86)}==` }, '^4.0.0')).toEqual([
    'W: node_modules/zod 4.6.7 is not what package-lock.json has',
    'W: zod is "^4.0.0", its package.json has "^4.6.7"',
  ]);
});

test("a deployed folder's lock file is cut out of the root's, without our own packages", () => {
  const zod = { version: '4.6.7', integrity: INTEGRITY };
  const link = { link: true, resolved: 'worker' };
  const packages = { '': {}, worker: {}, 'node_modules/@fcm-relay/worker': link, 'node_modules/zod': zod };
  expect(seedOf({ packages })).toEqual({ packages: { 'node_modules/zod': zod } });
});

test('the lock files of this repository have no faults', async () => {
  const read = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8')) as unknown;
  const root = (await read(LOCK)) as LockFile;
  expect(lockFaults(LOCK, root)).toEqual([]);
  for (const folder of ['functions', 'worker']) {
    const [file, manifest] = [`${folder}/${LOCK}`, (await read(`${folder}/package.json`)) as LockEntry];
    const own = (await read(file)) as LockFile;
    expect([...lockFaults(file, own), ...deployedFaults(file, own, { manifest, root })]).toEqual([]);
  }
});
