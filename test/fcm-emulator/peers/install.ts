import { spawnSync } from 'node:child_process';
import { PEERS } from './peers.ts';

const PATIENCE_MS = 180_000; // without a network apt tries for minutes
const ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

function apt(...args: string[]): boolean {
  return spawnSync('apt-get', args, { env: ENVIRONMENT, stdio: 'ignore', timeout: PATIENCE_MS }).status === 0;
}

/** Tries to install Debian packages; whoever asked looks for himself what has come of it. */
export function install(packages: readonly string[]): void {
  if (packages.length === 0 || process.getuid?.() !== 0 || !apt('--version')) return;
  const now = (): boolean => apt('install', '-y', '--no-install-recommends', ...packages);
  if (now()) return;
  apt('update');
  now();
}

// `npm run compat` installs them all before it runs the tests.
if (process.argv[1] === import.meta.filename)
  install(PEERS.filter(({ here }) => !here()).flatMap(({ packages }) => packages));
