/**
 * Milliseconds since 1970 that never go back and never stand still: backoffs, the age of reads and liveness depend on
 * it. It follows the wall clock forward. If the wall clock is set back, it runs on at its own pace until the wall clock
 * has caught up.
 */
export function steadyClock(wallMs: () => number, monotonicMs: () => number): () => number {
  let nowMs = wallMs();
  let seenMs = monotonicMs();
  return () => {
    const currentMs = monotonicMs();
    nowMs = Math.max(nowMs + currentMs - seenMs, wallMs());
    seenMs = currentMs;
    return Math.floor(nowMs);
  };
}
