import type { SweepReason } from './sweep-reason.ts';

/** Waiting messages, by their age. A message is counted under the first bound that it is younger than. */
export const AGES = [
  { name: 'minute', underMs: 60_000 },
  { name: 'hour', underMs: 3_600_000 },
  { name: 'day', underMs: 86_400_000 },
  { name: 'older', underMs: Number.POSITIVE_INFINITY },
] as const;
export type Age = (typeof AGES)[number]['name'];

export interface SweepReport extends Readonly<Record<SweepReason, number>> {
  readonly senderId: string;
  /** Unsettled messages that were looked at. */
  readonly visited: number;
  readonly waiting: Readonly<Record<Age, number>>;
  /** Found lost as well, beyond what one run ends: so many at once are not the work of functions that died. */
  readonly lostLeft: number;
  /** Ends of the last run that were told again. */
  readonly republished: number;
  /** Could not be settled or told; the next sweep comes to them again. */
  readonly failed: number;
  /** Why the first of them, or the reading itself, failed. */
  readonly cause?: unknown;
  /** It began where the last run stopped. */
  readonly resumed: boolean;
  /** `false`: time or the limit of a run was over, or a page could not be read. */
  readonly complete: boolean;
}

/** Counts one run. */
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
