import { random, type Random } from '../../../fcm-emulator/time/random.ts';

/** Times in ms from the start of the load. */
export interface ScheduledFault {
  readonly kind: FaultKind;
  readonly atMs: number;
  /** Of a fault that lasts: a storm, a pause. */
  readonly forMs: number;
  /** 0 ≤ x < 1: selects one of the targets that exist at that time. */
  readonly choice: number;
}

export const KILLS = ['killWorker', 'killFunctions'] as const;

/** The shortest and the longest duration of each, in ms; 0: instantaneous. */
const OTHERS = {
  stopWorker: [0, 0],
  reset: [0, 0],
  halfOpen: [0, 0],
  drain: [0, 0],
  drainAll: [0, 0],
  storm: [2_000, 5_000],
  rateNacks: [1_000, 3_000],
  repeatedAnswers: [2_000, 4_000],
  lateAnswers: [2_000, 4_000],
  shuffledAnswers: [2_000, 4_000],
  missingAnswers: [1_000, 2_000],
  pauseWorker: [3_000, 8_000],
  pausePubSub: [2_000, 5_000],
  pauseFirestore: [2_000, 5_000],
  cutPubSub: [2_000, 5_000],
  cutFirestore: [2_000, 5_000],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export type OtherFault = keyof typeof OTHERS;
export type FaultKind = (typeof KILLS)[number] | OtherFault;

const OTHER_EVERY_MS = 4_000;
const QUIET_MS = 3_000; // at the start and at the end

/**
 * The schedule of a run: kills, spread evenly, every third of the functions; and the other kinds, drawn without
 * replacement, so each occurs at least once and none twice before all have occurred.
 */
export function scheduleFaults({
  seed,
  kills,
  durationMs,
}: {
  readonly seed: string;
  readonly kills: number;
  readonly durationMs: number;
}): ScheduledFault[] {
  const dice = random(seed, 'chaos');
  const kinds = Object.keys(OTHERS) as OtherFault[];
  const others = Math.max(kinds.length, Math.floor(durationMs / OTHER_EVERY_MS));
  const deck: OtherFault[] = [];
  const deal = (): OtherFault => {
    if (deck.length === 0) deck.push(...shuffled(kinds, dice));
    return deck.pop() ?? 'reset';
  };
  const spread = (index: number, count: number): number =>
    Math.round(QUIET_MS + ((index + dice.next()) / count) * (durationMs - 2 * QUIET_MS));
  const killed = Array.from({ length: kills }, (_, n): ScheduledFault => ({
    kind: n % 3 === 2 ? 'killFunctions' : 'killWorker',
    atMs: spread(n, kills),
    forMs: 0,
    choice: dice.next(),
  }));
  const other = Array.from({ length: others }, (_, n): ScheduledFault => {
    const kind = deal();
    const [least, most] = OTHERS[kind];
    return { kind, atMs: spread(n, others), forMs: dice.integer(least, most), choice: dice.next() };
  });
  return [...killed, ...other].sort((a, b) => a.atMs - b.atMs);
}

function shuffled<T>(items: readonly T[], dice: Random): T[] {
  return items
    .map((item) => ({ item, rank: dice.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
