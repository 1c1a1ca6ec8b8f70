import { figuresOf, type Figures, type Medians, type Target, type Turn } from './scenario.ts';
import { spreadOf } from './statistics.ts';

export interface TargetResult {
  readonly target: Target;
  readonly ratio: number;
  readonly outcome: 'met' | 'not met' | 'not judged';
  /** Why it was not judged. */
  readonly excuse?: string;
}

/** Turns by the name of their side. */
export type Turns = Readonly<Record<string, readonly Turn[]>>;

export function mediansOf(turns: readonly Turn[]): Figures {
  const figures = turns.map(figuresOf);
  const names = Object.keys(figures[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(figures.map((one) => figure(one, name))).median]));
}

export function verdictOn(target: Target, turns: Turns): TargetResult {
  const medians = Object.fromEntries(Object.entries(turns).map(([side, its]) => [side, mediansOf(its)]));
  const beside =
    typeof target.beside === 'number'
      ? target.beside
      : figure(sideOf(medians, target.beside), target.besideFigure ?? target.figure);
  const ratio = figure(sideOf(medians, target.side), target.figure) / beside;
  const isMet = 'atLeast' in target.bound ? ratio >= target.bound.atLeast : ratio <= target.bound.atMost;
  const excuse = isMet ? heldBack(target, medians) : target.excuse?.(medians);
  if (excuse !== undefined) return { target, ratio, outcome: 'not judged', excuse };
  return { target, ratio, outcome: isMet ? 'met' : 'not met' };
}

/**
 * "No slower than the other side" only counts where CCS would have let the other side be faster. Otherwise both rates
 * are those of CCS.
 */
function heldBack({ figure: what, beside }: Target, medians: Medians): string | undefined {
  return what === 'messages/s' && typeof beside === 'string' ? ccsIsTheLimit(beside, medians) : undefined;
}

const CCS_FULL_PERCENT = 95; // of its one core

/** `undefined`: CCS had CPU to spare in the turns of this side. */
export function ccsIsTheLimit(side: string, medians: Medians): string | undefined {
  const percent = figure(sideOf(medians, side), 'CCS CPU %');
  return percent > CCS_FULL_PERCENT ? `CCS is the limit, its CPU ${Math.round(percent)} % with ${side}` : undefined;
}

export function sideOf(medians: Medians, side: string): Figures {
  const found = medians[side];
  if (found === undefined) throw new RangeError(`there is no side ${side}`);
  return found;
}

export function figure(figures: Figures, name: string): number {
  const value = figures[name];
  if (value === undefined) throw new RangeError(`there is no figure ${name}`);
  return value;
}
