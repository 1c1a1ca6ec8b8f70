import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const files = globSync('**/*', {
  cwd: ROOT,
  exclude: (name) => ['node_modules', 'dist', '.git', '.local', 'coverage', 'out'].includes(basename(name)),
});
const documents = files.filter((file) => file.endsWith('.md'));
const sources = files.filter((file) => file.endsWith('.ts'));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Every file and folder by each of its tails: `relay/model/ports.ts`, `model/ports.ts`, `ports.ts`. */
const tails = new Set(
  files.flatMap((file) => {
    const parts = file.split('/');
    return parts.map((_part, at) => parts.slice(at).join('/'));
  }),
);

/** What design.md names and nobody has built yet. */
const PLANNED: ReadonlySet<string> = new Set([
  'relay/protocol/fcm-v1',
  'relay/adapters/http-v1',
  'functions/http/dialects/fcm-v1',
  'fcm-emulator/http-v1',
  'fcm-emulator/register',
]);
const exists = (path: string): boolean => tails.has(path) || tails.has(`${path}.ts`) || PLANNED.has(path);

/** A path that begins with one of our folders, or the name of a source file. */
const OUR_FOLDER = /(?<![\w/.@-])(?:relay|functions|worker|ops|fcm-emulator|dev|lab|test|docs)(?:\/[\w.-]*\w)+/g;
const SOURCE_FILE = /(?<![\w/.*@-])[\w-]+(?:\/[\w-]+)*\.(?:ts|md)\b(?![.*-])/g;
const BUILT = /\/(?:dist|out)(?:\/|$)/;

/** The names in `text` of files and folders that are not there. */
const missingIn = (text: string): string[] =>
  [...text.matchAll(OUR_FOLDER), ...text.matchAll(SOURCE_FILE)]
    .map(([path]) => path)
    .filter((path) => !BUILT.test(path) && !exists(path));

/** As GitHub makes them. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));

/** A table that a command prints, of what other projects are called. */
const HAND_WRITTEN = documents.filter((file) => file !== 'fcm-emulator/COMPATIBILITY.md');

test.each(documents)('every link of %s leads somewhere', (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  const broken = links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : join(dirname(document), path);
    return !files.includes(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test.each(HAND_WRITTEN)('every file and folder that %s names is there', (document) => {
  const code = [...read(document).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text).join('\n');
  expect(missingIn(code)).toEqual([]);
});

test.each(HAND_WRITTEN)('no line of %s is over 120 columns: a table that does not fit is a list', (document) => {
  const long = read(document)
    .split('\n')
    .filter((line) => line.length > 120);
  expect(long).toEqual([]);
});

test('every file and folder that a comment names is there', () => {
  const COMMENT = /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm;
  const missing = sources.flatMap((file) =>
    missingIn([...read(file).matchAll(COMMENT)].map(([comment]) => comment).join('\n')).map(
      (path) => `${file}: ${path}`,
    ),
  );
  expect(missing).toEqual([]);
});

test('every section that is cited is there', () => {
  const CITED = /\b(protocol|design|http-v1)(?:\.md)? §(\d+)/g;
  const sections = new Map<string, string>();
  for (const name of ['protocol', 'design', 'http-v1'])
    if (files.includes(`docs/${name}.md`)) sections.set(name, read(`docs/${name}.md`));
  const unknown = [...sources, ...documents].flatMap((file) =>
    [...read(file).matchAll(CITED)]
      .filter(([, name = '', section = '']) => sections.get(name)?.includes(`\n## ${section}. `) !== true)
      .map(([citation]) => `${file}: ${citation}`),
  );
  expect(unknown).toEqual([]);
});
