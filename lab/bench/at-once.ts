/**
 * Makes calls 0 … count - 1, `atOnce` in parallel, the next one when any of them has its answer.
 * @returns the time of each in ms, in the order in which they ended. Rejects with the first failure; then no
 * further call is made.
 */
export async function callsAtOnce(
  count: number,
  atOnce: number,
  call: (n: number) => Promise<unknown>,
): Promise<number[]> {
  const tookMs: number[] = [];
  let next = 0;
  const callNext = async (): Promise<void> => {
    while (next < count) {
      const startMs = performance.now();
      try {
        await call(next++);
      } catch (error) {
        next = count;
        throw error;
      }
      tookMs.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, callNext));
  return tookMs;
}
