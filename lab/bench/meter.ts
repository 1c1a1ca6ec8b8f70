/**
 * Preloaded (`node --import`) into the process of every side, including foreign programs and the worker's bundle:
 * reports on request what the process has used so far, and exits when the harness is gone. It does not keep the process
 * alive.
 */
import { readFileSync } from 'node:fs';

export interface Usage {
  readonly kind: 'usage';
  /** User and system, since the start. */
  readonly cpuMicros: number;
  readonly peakRssBytes: number;
}

const KB = 1_024;

/**
 * On Linux, `ru_maxrss` starts with the peak of the parent process (it survives exec), so VmHWM is read where it
 * exists.
 */
export function peakRssBytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * KB;
  } catch {
    // not Linux
  }
  return process.resourceUsage().maxRSS * KB;
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { kind: 'usage', cpuMicros: user + system, peakRssBytes: peakRssBytes() };
}

if (process.send !== undefined) {
  process.on('message', (message: unknown) => {
    if (message === 'usage') process.send?.(usage());
  });
  process.on('disconnect', () => process.exit(1));
  process.channel?.unref();
}
