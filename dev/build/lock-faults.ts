/** An entry of `packages` in a package-lock.json, version 3: the fields that matter here. */
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

const INSTALLED = /(?:^|\/)node_modules\//; // anything else is the root or a workspace
const INTEGRITY = /^sha512-[A-Za-z0-9+/]{86}==$/;

const isInstalled = (path: string): boolean => INSTALLED.test(path);
const packageName = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/**
 * Entries that make a lock file useless. Under node_modules every entry
 * - has a SHA-512 `integrity`, except links to workspaces and what its parent's tarball contains (`inBundle`);
 * - names no place to fetch from: only links have `resolved`, and there it is a folder of this project.
 */
export function lockFaults(file: string, { packages }: LockFile): string[] {
  return Object.entries(packages)
    .filter(([path]) => isInstalled(path))
    .flatMap(([path, entry]) => {
      if (entry.link === true && linksInside(entry, packages)) return [];
      if (entry.link === true) return [`${file}: ${path} does not link to a workspace`];
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
  /** The root's lock file: what was tested. */
  readonly root: LockFile;
}

/** Where a deployed folder's lock file would install anything but what its manifest and the root say. */
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

/** What a deployed folder's lock file is cut out of: all that was tested, without our own packages. */
export function seedOf({ packages, ...head }: LockFile): LockFile {
  const foreign = ([path, { link }]: [string, LockEntry]): boolean => path.startsWith('node_modules/') && link !== true;
  return { ...head, packages: Object.fromEntries(Object.entries(packages).filter(foreign)) };
}
