import { checkConnections } from './check-connections.ts';
import { checkDownstream } from './check-downstream.ts';
import { checkDuplicates, type DuplicateLimits, type Duplicates } from './check-duplicates.ts';
import { checkUpstream } from './check-upstream.ts';
import type { History } from '../history/history.ts';
import { indexed } from '../history/index-history.ts';
import type { Violation } from './violation.ts';

export interface Judgement {
  readonly violations: readonly Violation[];
  readonly duplicates: Duplicates;
}

/**
 * Checks a whole history, as Jepsen would: it knows what was asked for and what was observed, and nothing of how the
 * relay works. Pure.
 */
export function check(history: History, limits: DuplicateLimits): Judgement {
  const index = indexed(history);
  const duplicates = checkDuplicates(history, index, limits);
  const violations = [
    ...checkDownstream(history, index),
    ...duplicates.violations,
    ...checkConnections(history, index, limits.pendingLimit),
    ...checkUpstream(history),
  ];
  return { violations, duplicates };
}
