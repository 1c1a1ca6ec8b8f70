/**
 * Preloaded (`node --import`) into the process of every side, ours or not, the worker's bundle included: says on
 * request what the process has used so far, and ends it when the harness is gone. It does not keep the process alive.
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
 * `ru_maxrss` on Linux begins with the peak of the process that spawned this one (it survives exec), so VmHWM is asked
 * where there is one.
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
