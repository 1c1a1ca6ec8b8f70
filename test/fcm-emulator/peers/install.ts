import { spawnSync } from 'node:child_process';
import { PEERS } from './peers.ts';

const TIMEOUT_MS = 180_000; // without a network apt keeps trying for minutes
const ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

function apt(...args: string[]): boolean {
  return spawnSync('apt-get', args, { env: ENVIRONMENT, stdio: 'ignore', timeout: TIMEOUT_MS }).status === 0;
}

/** Tries to install Debian packages. It reports no failure: `here` of a peer tells whether it is installed. */
export function install(packages: readonly string[]): void {
  if (packages.length === 0 || process.getuid?.() !== 0 || !apt('--version')) return;
  const attempt = (): boolean => apt('install', '-y', '--no-install-recommends', ...packages);
  if (attempt()) return;
  apt('update');
  attempt();
}

// `npm run compat` installs all of them before it runs the tests.
if (process.argv[1] === import.meta.filename)
  install(PEERS.filter(({ here }) => !here()).flatMap(({ packages }) => packages));
