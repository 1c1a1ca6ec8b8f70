/** One timer of the process. @returns what takes it back */
export function wakeAfter(delayMs: number, act: () => void): () => void {
  const timer = setTimeout(act, delayMs);
  return () => clearTimeout(timer);
}
