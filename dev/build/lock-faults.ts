/** An entry of `packages` in a package-lock.json, version 3; what else stands in it does not matter here. */
export interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

const INSTALLED = /(?:^|\/)node_modules\//; // all else is the root or a workspace: our own folders
const INTEGRITY = /^sha512-[A-Za-z0-9+/]{86}==$/;

const isInstalled = (path: string): boolean => INSTALLED.test(path);
const packageName = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/**
 * What makes a lock file useless as one. Its rule, for every entry under node_modules:
 * - it has a SHA-512 `integrity`; links to workspaces and what lies in its parent's tarball (`inBundle`) excepted;
 * - it names no place to fetch from: `resolved` stands in links alone, and there it is a folder of this project.
 */
export function lockFaults(file: string, { packages }: LockFile): string[] {
  return Object.entries(packages)
    .filter(([path]) => isInstalled(path))
    .flatMap(([path, entry]) => {
      if (entry.link === true && linksInside(entry, packages)) return [];
      if (entry.link === true) return [`${file}: ${path} links to what is no workspace`];
      const verifies = entry.inBundle === true || INTEGRITY.test(entry.integrity ?? '');
      return [
        ...(verifies ? [] : [`${file}: ${path} has no SHA-512 integrity`]),
        ...(entry.resolved === undefined ? [] : [`${file}: ${path} names where to fetch it ("resolved")`]),
      ];
    });
}

const linksInside = ({ resolved = '' }: LockEntry, packages: LockFile['packages']): boolean =>
  !isInstalled(resolved) && resolved !== '' && Object.hasOwn(packages, resolved);

export interface Wanted {
  readonly manifest: LockEntry;
  /** The lock file of the root: what was tested. */
  readonly root: LockFile;
}

/** How the lock file of a deployed folder would install something else than its manifest and the root say. */
export function deployedFaults(file: string, own: LockFile, wanted: Wanted): string[] {
  const tested = new Set(Object.entries(wanted.root.packages).map(identity));
  const strangers = Object.entries(own.packages)
    .filter(([path, entry]) => isInstalled(path) && !tested.has(identity([path, entry])))
    .map(([path, { version }]) => `${file}: ${path} ${version ?? ''} is not what package-lock.json has`);
  const [locked, here] = [own.packages['']?.dependencies ?? {}, wanted.manifest.dependencies ?? {}];
  const stale = [...new Set([...Object.keys(locked), ...Object.keys(here)])]
    .filter((name) => locked[name] !== here[name])
    .map((name) => `${file}: ${name} is ${quoted(locked[name])}, its package.json has ${quoted(here[name])}`);
  return [...strangers, ...stale];
}

const quoted = (range: string | undefined): string => (range === undefined ? 'absent' : `"${range}"`);

const identity = ([path, { version, integrity }]: [string, LockEntry]): string =>
  [packageName(path), version, integrity].join(' ');

/** What the lock file of a deployed folder is cut out of: all that was tested here, with nothing of our own. */
export function seedOf({ packages, ...head }: LockFile): LockFile {
  const foreign = ([path, { link }]: [string, LockEntry]): boolean => path.startsWith('node_modules/') && link !== true;
  return { ...head, packages: Object.fromEntries(Object.entries(packages).filter(foreign)) };
}
