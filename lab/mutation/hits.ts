import type { CoverageData } from '@stryker-mutator/api/core';

/**
 * Stryker's calls that count how often a mutant was reached, as esbuild leaves them: it numbers what is declared in
 * each file anew.
 */
const CALL = /\bstryCov_9fa48\d*\(((?:"\d+",? ?)+)\)/g;

/** What the counts are called in the code. */
export const HITS = 'mutantHits';

const idsOf = (list: string): string[] => list.match(/\d+/g) ?? [];

/** How often each mutant was reached since the last time. */
export class Hits {
  readonly counts: Uint32Array;

  constructor(code: string) {
    const ids = [...code.matchAll(CALL)].flatMap(([, list = '']) => idsOf(list)).map(Number);
    this.counts = new Uint32Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1);
  }

  /** By the mutant's id, those that were reached; begins anew. */
  take(): CoverageData {
    const data: CoverageData = {};
    this.counts.forEach((count, id) => {
      if (count > 0) data[id] = count;
    });
    this.counts.fill(0);
    return data;
  }
}

/** Counts in place: Stryker's own counter takes ten times as long as the simulation itself. */
export const counting = (code: string): string =>
  code.replaceAll(
    CALL,
    (_, list: string) =>
      `(${idsOf(list)
        .map((id) => `${HITS}[${id}]++`)
        .join(', ')})`,
  );

/** Counts nothing: for that Stryker has no setting. */
export const plain = (code: string): string => code.replaceAll(CALL, '0');
