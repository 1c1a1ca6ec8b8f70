/**
 * A timer.
 * @returns a function that cancels it
 */
export function wakeAfter(delayMs: number, act: () => void): () => void {
  const timer = setTimeout(act, delayMs);
  return () => clearTimeout(timer);
}
