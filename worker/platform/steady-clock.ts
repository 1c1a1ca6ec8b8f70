/**
 * Milliseconds since 1970 that never step back and never stand still: backoffs, reads' ages and liveness hang on them.
 * Where the wall clock is put forward it follows; where it is put back it goes on at its own pace, ahead, until the
 * wall clock has caught up.
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
