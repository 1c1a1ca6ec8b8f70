import type { Dice } from './dice.ts';

/**
 * What can go wrong, each with its strength. Shares are 0 … 1 of the cases; `…EveryMs` is the mean time between two of
 * them over the whole world, 0: never; switches are 0 or 1.
 */
export interface Trouble {
  // CCS's answers
  readonly latencyMs: number;
  readonly slowAnswers: number;
  readonly retryNack: number;
  readonly refuse: number;
  readonly stanzaError: number;
  /** Messages to one target that CCS takes in 10 s; 0: any number. */
  readonly targetLimit: number;
  readonly answerTwice: number;
  readonly noAnswer: number;
  readonly oddFrames: number;
  readonly stormEveryMs: number;
  // connections
  readonly resetEveryMs: number;
  readonly closeEveryMs: number;
  readonly drainEveryMs: number;
  /** Of the drained connections, those that CCS does not close by itself. */
  readonly drainForgotten: number;
  readonly halfOpenEveryMs: number;
  readonly ccsAwayEveryMs: number;
  readonly loginRefused: number;
  readonly connectFails: number;
  // Firestore
  readonly storeFails: number;
  readonly storeSlow: number;
  readonly storeOutageEveryMs: number;
  // Pub/Sub
  readonly publishFails: number;
  readonly publishOutageEveryMs: number;
  readonly leaseEndEveryMs: number;
  readonly ackLost: number;
  readonly undocumented: number;
  // workers
  readonly killEveryMs: number;
  readonly rolloutEveryMs: number;
  readonly twoWorkers: number;
  /** How far a worker's wall clock may be off, either way. */
  readonly skewMs: number;
  /**
   * For how long at most what comes gathers to one turn of the machine, so that facts of all kinds meet in one; 0: only
   * what comes at the same moment.
   */
  readonly turnMs: number;
  // functions, and what is asked of them
  /** Of the requests, those whose function dies before it has answered. */
  readonly functionDies: number;
  /** Of the messages, those that are handed in once more, answered or not. */
  readonly repeats: number;
  readonly shortTtl: number;
  readonly cancel: number;
  readonly burst: number;
  readonly fewTargets: number;
  /** Of the messages, those to a few targets whose messages CCS always sends back "later", also in the calm. */
  readonly failingTargets: number;
  /** Of the messages, those on which CCS closes the connection each time, also in the calm. */
  readonly killers: number;
  readonly flood: number;
}

export type TroubleName = keyof Trouble;

type Range = readonly [least: number, most: number];

/** How strong each is where it is on. */
const RANGES: Readonly<Record<TroubleName, Range>> = {
  latencyMs: [20, 800],
  slowAnswers: [0.01, 0.2],
  retryNack: [0.02, 0.4],
  refuse: [0.02, 0.3],
  stanzaError: [0.01, 0.1],
  targetLimit: [1, 20],
  answerTwice: [0.02, 0.4],
  noAnswer: [0.002, 0.05],
  oddFrames: [0.01, 0.1],
  stormEveryMs: [30_000, 180_000],
  resetEveryMs: [2_000, 60_000],
  closeEveryMs: [2_000, 60_000],
  drainEveryMs: [3_000, 60_000],
  drainForgotten: [0.1, 1],
  halfOpenEveryMs: [20_000, 120_000],
  ccsAwayEveryMs: [60_000, 240_000],
  loginRefused: [0.02, 0.3],
  connectFails: [0.05, 0.6],
  storeFails: [0.01, 0.2],
  storeSlow: [0.005, 0.1],
  storeOutageEveryMs: [30_000, 180_000],
  publishFails: [0.01, 0.3],
  publishOutageEveryMs: [30_000, 180_000],
  leaseEndEveryMs: [500, 20_000],
  ackLost: [0.01, 0.2],
  undocumented: [0.02, 0.5],
  killEveryMs: [5_000, 90_000],
  rolloutEveryMs: [10_000, 120_000],
  twoWorkers: [1, 1],
  skewMs: [500, 8_000],
  functionDies: [0.02, 0.3],
  repeats: [0.02, 0.3],
  shortTtl: [0.05, 0.6],
  cancel: [0.02, 0.3],
  burst: [1, 1],
  fewTargets: [1, 1],
  failingTargets: [0.01, 0.3],
  killers: [0.005, 0.05],
  flood: [1, 1],
  turnMs: [0.5, 10],
};

export const TROUBLES = Object.keys(RANGES) as TroubleName[];

export const CALM: Trouble = {
  ...(Object.fromEntries(TROUBLES.map((name) => [name, 0])) as unknown as Trouble),
  latencyMs: 20,
};

/**
 * Swarm testing: some nights have a few troubles, some have most, and what is off in one lets others go further than
 * all at once could.
 */
export function drawTrouble(dice: Dice): Trouble {
  const share = dice.between(0.05, 0.7);
  const drawn = TROUBLES.map((name) => {
    const [least, most] = RANGES[name];
    const on = dice.chance(name === 'flood' ? 0.06 : share);
    const strength = dice.between(least, most);
    return [name, on ? strength : CALM[name]] as const;
  });
  return Object.fromEntries(drawn) as unknown as Trouble;
}

export const isOn = (trouble: Trouble, name: TroubleName): boolean => trouble[name] !== CALM[name];
