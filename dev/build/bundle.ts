import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { build, stop, type Metafile } from 'esbuild';

/**
 * One file per entry point: `<folder>/index.ts` → `<folder>/dist/index.js`, our code bundled, npm packages external.
 * Only `<folder>` is deployed, with its own package.json, which must list what the bundle imports, in the version that
 * was tested here.
 */
export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly packages: readonly string[];
}

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The deployed code would not start. `faults` has a sentence for each reason; nothing was written. */
export class ManifestError extends Error {
  readonly code = 'MANIFEST';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

export const FOLDERS = ['functions', 'worker'] as const;

/** Both folders, reporting the faults of both at once. Rejects as `bundle` does. */
export async function bundleAll(root: string): Promise<readonly Bundle[]> {
  try {
    const faults: string[] = [];
    const keepFaults = (error: unknown): never[] => {
      if (!(error instanceof ManifestError)) throw error;
      faults.push(...error.faults);
      return [];
    };
    const bundles = await Promise.all(FOLDERS.map((folder) => bundle(root, folder).catch(keepFaults)));
    if (faults.length > 0) throw new ManifestError(faults);
    return bundles.flat();
  } finally {
    await stop(); // esbuild's service process
  }
}

/** Rejects with esbuild's error, already printed, if the code does not compile, else with ManifestError. */
export async function bundle(root: string, folder: string): Promise<Bundle> {
  const file = `${folder}/dist/index.js`;
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`./${folder}/index.ts`],
    outfile: file,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    metafile: true,
    write: false,
  });
  const importers = packageImporters(metafile);
  const faults = manifestFaults(folder, importers, await manifest(join(root, folder)), await manifest(root));
  if (faults.length > 0) throw new ManifestError(faults);
  await mkdir(dirname(join(root, file)), { recursive: true });
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
  return { file, bytes: metafile.outputs[file]?.bytes ?? 0, packages: [...importers.keys()] };
}

const manifest = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;

/** The packages that the bundle imports, each with our files that import it. */
export function packageImporters(metafile: Metafile): ReadonlyMap<string, readonly string[]> {
  const importers = new Map<string, string[]>();
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    for (const { path, external } of imports) {
      if (external !== true || isBuiltin(path)) continue;
      const name = packageName(path);
      importers.set(name, [...new Set([...(importers.get(name) ?? []), file])]);
    }
  }
  return importers;
}

/** `@scope/name/deep/file.js` → `@scope/name`. */
const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Every way in which `<folder>/package.json` would give the bundle other packages than those tested at the root. */
export function manifestFaults(
  folder: string,
  importers: ReadonlyMap<string, readonly string[]>,
  own: Manifest,
  root: Manifest,
): string[] {
  const here = own.dependencies ?? {};
  const tested = { ...root.devDependencies, ...root.dependencies };
  const lacking = [...importers]
    .filter(([name]) => !Object.hasOwn(here, name))
    .map(
      ([name, files]) =>
        `${folder}/package.json lacks "${name}": ${files.join(', ')} ${files.length > 1 ? 'import' : 'imports'} it`,
    );
  const differing = Object.entries(here)
    .filter(([name, range]) => tested[name] !== range)
    .map(
      ([name, range]) =>
        `${folder}/package.json has "${name}": "${range}", ` +
        `package.json ${JSON.stringify(tested[name] ?? 'none')}: make them the same`,
    );
  return [...lacking, ...differing];
}
