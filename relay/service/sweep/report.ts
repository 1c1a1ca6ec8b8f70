import type { SweepReason } from './sweep-reason.ts';

/** Age buckets of waiting messages; a message counts in the first one it is younger than. */
export const AGES = [
  { name: 'minute', underMs: 60_000 },
  { name: 'hour', underMs: 3_600_000 },
  { name: 'day', underMs: 86_400_000 },
  { name: 'older', underMs: Number.POSITIVE_INFINITY },
] as const;
export type Age = (typeof AGES)[number]['name'];

export interface SweepReport extends Readonly<Record<SweepReason, number>> {
  readonly senderId: string;
  /** Unsettled messages visited. */
  readonly visited: number;
  readonly waiting: Readonly<Record<Age, number>>;
  /** Also found lost, beyond the limit of a run: that many at once are not the work of crashed functions. */
  readonly lostLeft: number;
  /** Events an earlier run could not publish. */
  readonly republished: number;
  /** Could not be settled or published; the next run tries again. */
  readonly failed: number;
  /** Of the first failure. */
  readonly cause?: unknown;
  /** It continued where the last run stopped. */
  readonly resumed: boolean;
  /** `false`: out of time or over a limit, or a page could not be read. */
  readonly complete: boolean;
}

export class Tally {
  visited = 0;
  expired = 0;
  unknown = 0;
  cancelled = 0;
  lost = 0;
  lostLeft = 0;
  republished = 0;
  failed = 0;
  cause: unknown;
  readonly #waiting: Record<Age, number> = { minute: 0, hour: 0, day: 0, older: 0 };

  wait(ageMs: number): void {
    for (const { name, underMs } of AGES) {
      if (ageMs >= underMs) continue;
      this.#waiting[name] += 1;
      return;
    }
  }

  fail(cause: unknown): void {
    this.failed += 1;
    this.cause ??= cause;
  }

  report(run: Pick<SweepReport, 'senderId' | 'resumed' | 'complete'>): SweepReport {
    const { visited, expired, unknown, cancelled, lost, lostLeft, republished, failed, cause } = this;
    return {
      ...run,
      visited,
      waiting: this.#waiting,
      expired,
      unknown,
      cancelled,
      lost,
      lostLeft,
      republished,
      failed,
      ...(cause !== undefined && { cause }),
    };
  }
}
