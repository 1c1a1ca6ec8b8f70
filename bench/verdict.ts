import { figuresOf, type Figures, type Target, type Turn } from './scenario.ts';
import { spreadOf } from './statistics.ts';

export interface Verdict {
  readonly target: Target;
  readonly ratio: number;
  readonly outcome: 'met' | 'not met' | 'not judged';
  /** Why it was not judged. */
  readonly excuse?: string;
}

/** Turns of each side, by its name. */
export type Turns = Readonly<Record<string, readonly Turn[]>>;

export function mediansOf(turns: readonly Turn[]): Figures {
  const figures = turns.map(figuresOf);
  const names = Object.keys(figures[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(figures.map((one) => figure(one, name))).median]));
}

export function verdictOn(target: Target, turns: Turns): Verdict {
  const medians = mediansOf(turnsOf(turns, target.side));
  const beside = typeof target.beside === 'number' ? target.beside : figure(mediansOf(turnsOf(turns, target.beside)), target.figure);
  const ratio = figure(medians, target.figure) / beside;
  const isMet = 'atLeast' in target.bound ? ratio >= target.bound.atLeast : ratio <= target.bound.atMost;
  if (isMet) return { target, ratio, outcome: 'met' };
  const excuse = target.excuse?.(medians);
  return excuse === undefined ? { target, ratio, outcome: 'not met' } : { target, ratio, outcome: 'not judged', excuse };
}

function turnsOf(turns: Turns, side: string): readonly Turn[] {
  const found = turns[side];
  if (found === undefined) throw new RangeError(`there is no side ${side}`);
  return found;
}

export function figure(figures: Figures, name: string): number {
  const value = figures[name];
  if (value === undefined) throw new RangeError(`there is no figure ${name}`);
  return value;
}
