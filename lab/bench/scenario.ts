import type { Testbed } from './testbed.ts';

/**
 * A scenario has comparisons, a comparison has sides, and the sides take turns: A B A B …, each turn in a process of
 * its own. A turn that did not do its work rejects, the whole run fails, and none of its figures counts.
 */
export interface Scenario {
  /** One line, for `--help`. */
  readonly about: string;
  /** Firestore and Pub/Sub. CCS is always there. */
  readonly needsEngines: boolean;
  comparisons(size: Size): readonly Comparison[];
}

export type Size = 'full' | 'short';

export interface Comparison {
  readonly name: string;
  readonly sides: readonly Side[];
  readonly targets: readonly Target[];
  /** Where a turn takes minutes. */
  readonly roundsAtMost?: number;
  /** Its turns are so long that they need no warm-up turn before them. */
  readonly longTurns?: boolean;
  /** It takes so long that it only runs if `--only` names it. */
  readonly onlyWhenNamed?: boolean;
}

export interface Side {
  readonly name: string;
  readonly turn: (testbed: Testbed) => Promise<Turn>;
}

/** What one turn measured, all over the same interval, after a warm-up within the process. */
export interface Turn {
  readonly messages: number;
  readonly seconds: number;
  /** CPU time of the side's own process, user and system. */
  readonly cpuMicros: number;
  /** Of the side's own process, since its start. */
  readonly peakRssBytes: number;
  /** CPU of CCS; 1: one core. */
  readonly ccsShare: number;
  /** All cores and all processes; 1: no core was idle. */
  readonly machineShare: number;
  /** Figures of this scenario only, with units in their names. */
  readonly extra?: Readonly<Record<string, number>>;
}

/** By name, in the order of the columns. */
export type Figures = Readonly<Record<string, number>>;

/** By the name of the side, over all its turns. */
export type Medians = Readonly<Record<string, Figures>>;

const MICROS = 1e6;
const MB = 1_048_576;

export const figuresOf = ({
  messages,
  seconds,
  cpuMicros,
  peakRssBytes,
  ccsShare,
  machineShare,
  extra,
}: Turn): Figures => ({
  'messages/s': messages / seconds,
  'CPU µs/msg': cpuMicros / messages,
  'peak MB': peakRssBytes / MB,
  'own CPU %': (100 * cpuMicros) / (seconds * MICROS),
  'CCS CPU %': 100 * ccsShare,
  'machine %': 100 * machineShare,
  ...extra,
});

/** A bound for the median of a figure: of one side relative to another, or to a number. */
export interface Target {
  readonly figure: string;
  readonly side: string;
  readonly beside: string | number;
  /** Of the other side. Default: the same figure. */
  readonly besideFigure?: string;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
  /** Called if the bound is missed: why that cannot be judged; `undefined`: it can. */
  readonly excuse?: (medians: Medians) => string | undefined;
}
