/**
 * Where a test makes a memory port fail or wait. A throw in `before`: it did not happen. A throw in `after`: it
 * happened, and the caller is told otherwise, as when an answer is lost on the way.
 */
export interface Faults {
  before?: (call: string) => Promise<void> | void;
  after?: (call: string) => Promise<void> | void;
}

export async function withFaults<T>(faults: Faults, call: string, work: () => T): Promise<T> {
  await faults.before?.(call);
  const result = work();
  await faults.after?.(call);
  return result;
}
