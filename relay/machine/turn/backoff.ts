export interface BackoffPolicy {
  /** The first wait, at least. */
  readonly firstMs: number;
  /** No wait grows past it (its jitter may). */
  readonly capMs: number;
}

/**
 * The wait after failure number `failures` (1, 2, …): doubling, plus a random part of up to as much again, which keeps
 * messages from coming back at once (protocol §4, SERVICE_UNAVAILABLE).
 * @param random 0 ≤ random < 1
 */
export function backoffMs(policy: BackoffPolicy, failures: number, random: number): number {
  const base = Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(base + base * random);
}

/**
 * Full jitter, from 0 to the doubling bound: for connections, where spreading many workers evenly is what counts.
 * @param random 0 ≤ random < 1
 */
export function fullJitterMs(policy: BackoffPolicy, failures: number, random: number): number {
  return Math.round(Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(failures - 1, 30)) * random);
}
