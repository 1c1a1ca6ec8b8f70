import { setTimeout as wait } from 'node:timers/promises';

/** A message that was submitted. */
export interface Handed {
  readonly n: number;
  /** When it was due; milliseconds since 1970. */
  readonly dueMs: number;
  /** How much later it was submitted, because the caller was busy. */
  readonly lateMs: number;
  /** From when it was due until it was answered. */
  readonly answeredMs: number;
}

export interface Numbers {
  /** Of the first message. */
  readonly from: number;
  readonly count: number;
}

/** A steady rate, regardless of answers. Resolves when all are answered. */
export async function openLoop(
  act: (n: number) => Promise<void>,
  { from, count, perSecond }: Numbers & { readonly perSecond: number },
): Promise<Handed[]> {
  const [startMs, startEpochMs] = [performance.now(), Date.now()];
  const all: Promise<Handed>[] = [];
  const hand = async (n: number, afterMs: number): Promise<Handed> => {
    const lateMs = performance.now() - startMs - afterMs;
    await act(n);
    return { n, dueMs: startEpochMs + afterMs, lateMs, answeredMs: performance.now() - startMs - afterMs };
  };
  for (let at = 0; at < count; at++) {
    const afterMs = (at * 1_000) / perSecond;
    const aheadMs = (): number => startMs + afterMs - performance.now();
    for (let ms = aheadMs(); ms > 0; ms = aheadMs()) await wait(ms);
    const one = hand(from + at, afterMs);
    one.catch(() => undefined); // Promise.all rejects
    all.push(one);
  }
  return Promise.all(all);
}
