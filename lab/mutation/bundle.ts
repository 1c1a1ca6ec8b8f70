import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { build, stop, type Plugin } from 'esbuild';
import { counting, HITS, hitsOf, plain, type Hits } from './hits.ts';
import type { Suite } from './suite.ts';

const TESTS = ['test/relay/{protocol,model,machine,service}/**/*.test.ts', 'test/lab/simulation/*.test.ts'];

/** The bundle is a script, without `import.meta.url`: each file's URL is written in. */
const ownUrl: Plugin = {
  name: 'own-url',
  setup: (hooks) =>
    hooks.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return { loader: 'ts', contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)) };
    }),
};

export interface Bundle {
  readonly hits: Hits;
  /** `counting` notes which mutants are reached; mutants run in `plain`. */
  readonly load: (suite: Suite, how: 'counting' | 'plain') => void;
}

type Evaluate = (require: NodeJS.Require, collect: Suite['collect'], hits: Hits['counts']) => void;

/**
 * All tests and the code under test as one script; npm packages stay outside. Each `load` evaluates all of it again, in
 * milliseconds, and what it leaves can be collected. Node evaluates a module once per process, so a mutant in a table
 * at the top of a module could not be tried otherwise.
 */
export async function bundleTests(root: string): Promise<Bundle> {
  const files = globSync(TESTS, { cwd: root }).sort();
  const entry = files.map((file) => `collect(${JSON.stringify(file)}, () => require(${JSON.stringify(`./${file}`)}));`);
  const options = {
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    write: false,
  } as const;
  const {
    outputFiles: [output],
  } = await build({
    ...options,
    absWorkingDir: root,
    stdin: { contents: entry.join('\n'), resolveDir: root },
    plugins: [ownUrl],
  });
  await stop();
  if (output === undefined) throw new Error('esbuild wrote no bundle');
  const hits = hitsOf(output.text);
  const scriptOf = (code: string): Script =>
    new Script(`(require, collect, ${HITS}) => {${code}\n}`, { filename: 'tests.js' });
  const scripts = { counting: scriptOf(counting(output.text)), plain: scriptOf(plain(output.text)) };
  const require = createRequire(join(root, 'package.json'));
  const load: Bundle['load'] = ({ collect, globals }, how) => {
    Object.assign(globalThis, globals);
    (scripts[how].runInThisContext() as Evaluate)(require, collect, hits.counts);
  };
  return { hits, load };
}
