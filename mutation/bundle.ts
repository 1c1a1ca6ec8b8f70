import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { build, stop, type Plugin } from 'esbuild';
import type { Suite } from './suite.ts';

const TESTS = 'test/{protocol,core}/**/*.test.ts';

/** In a bundle that is no module a file has no URL of its own: it is written in. */
const ownUrl: Plugin = {
  name: 'own-url',
  setup: (hooks) => hooks.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
    const source = await readFile(path, 'utf8');
    return { loader: 'ts', contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)) };
  }),
};

type Evaluate = (require: NodeJS.Require, collect: Suite['collect']) => void;

/** `counting` notes which test reaches which mutant. In the simulation that takes ten times as long as all the rest: mutants are tried without. */
export type Load = (suite: Suite, how: 'counting' | 'plain') => void;

/** Stryker calls it wherever a mutant could be, and has no setting against it. */
const COUNTER = 'function cover() {';

/**
 * All tests and the code under test as one script, npm packages outside. Each call of what is returned evaluates all of it
 * anew, in milliseconds, and leaves nothing behind that cannot be collected: a mutant in a table at the top of a module is
 * there only while the module is evaluated, and Node's own modules are evaluated once in a process.
 */
export async function bundleTests(root: string): Promise<Load> {
  const files = globSync(TESTS, { cwd: root }).sort();
  const entry = files.map((file) => `collect(${JSON.stringify(file)}, () => require(${JSON.stringify(`./${file}`)}));`);
  const options = { bundle: true, packages: 'external', platform: 'node', target: 'node24', format: 'cjs', write: false } as const;
  const { outputFiles: [output] } = await build({ ...options, absWorkingDir: root, stdin: { contents: entry.join('\n'), resolveDir: root }, plugins: [ownUrl] });
  await stop();
  if (output === undefined) throw new Error('esbuild made no file');
  if (!output.text.includes(COUNTER)) throw new Error('Stryker counts in another way than it did');
  const scriptOf = (code: string): Script => new Script(`(require, collect) => {${code}\n}`, { filename: 'tests.js' });
  const scripts = { counting: scriptOf(output.text), plain: scriptOf(output.text.replaceAll(COUNTER, `${COUNTER} return;`)) };
  const require = createRequire(join(root, 'package.json'));
  return ({ collect, globals }, how) => {
    Object.assign(globalThis, globals);
    (scripts[how].runInThisContext() as Evaluate)(require, collect);
  };
}
