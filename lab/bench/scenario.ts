import type { Testbed } from './testbed.ts';

/**
 * A scenario has comparisons, a comparison has sides, and each side has its turns: A B A B …, each in a process of its
 * own. A turn that did something else than it should rejects, and the whole run fails: no figure of it counts.
 */
export interface Scenario {
  /** One line, for `--help`. */
  readonly about: string;
  /** Firestore and Pub/Sub; the CCS emulator is always there. */
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
  /** They are so long that no turn before them need warm the far ends up. */
  readonly longTurns?: boolean;
  /** It takes so long that `--only` must ask for it. */
  readonly onlyWhenNamed?: boolean;
}

export interface Side {
  readonly name: string;
  readonly turn: (testbed: Testbed) => Promise<Turn>;
}

/** What one turn measured, all of it over the same interval, which begins after a warm-up within the process. */
export interface Turn {
  readonly messages: number;
  readonly seconds: number;
  /** CPU time of the side's own process, user and system. */
  readonly cpuMicros: number;
  /** Of the side's own process, since its start. */
  readonly peakRssBytes: number;
  /** CPU of the CCS emulator, 1: one core. */
  readonly ccsShare: number;
  /** All cores, all processes, whoever they belong to; 1: no core was idle. */
  readonly machineShare: number;
  /** What only this scenario measures; the unit stands in the name. */
  readonly extra?: Readonly<Record<string, number>>;
}

/** By name, in the order in which they are shown. */
export type Figures = Readonly<Record<string, number>>;

/** Of all turns of a side, by its name. */
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

/** From the table: the medians of a figure, of one side beside another one or beside a number. */
export interface Target {
  readonly figure: string;
  readonly side: string;
  readonly beside: string | number;
  /** Of the side that it stands beside; the same figure when absent. */
  readonly besideFigure?: string;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
  /** Why it cannot be judged where it is missed; `undefined`: it can. */
  readonly excuse?: (medians: Medians) => string | undefined;
}
