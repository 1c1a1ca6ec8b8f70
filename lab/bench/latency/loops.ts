import { setTimeout as wait } from 'node:timers/promises';

/** One that was handed in. */
export interface Handed {
  readonly n: number;
  /** When it was to be handed in; milliseconds since 1970. */
  readonly dueMs: number;
  /** When it was, after that: the fault of whoever hands in. */
  readonly lateMs: number;
  /** From when it was to be until it was answered. */
  readonly answeredMs: number;
}

export interface Numbers {
  /** The first. */
  readonly from: number;
  readonly count: number;
}

/** So many a second, evenly, whether or not those before are answered. Resolves when all are. */
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
    one.catch(() => undefined); // told when all are waited for
    all.push(one);
  }
  return Promise.all(all);
}
