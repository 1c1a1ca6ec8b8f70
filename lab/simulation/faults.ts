import type { Dice } from './dice.ts';

/**
 * What can go wrong, and how much of it. Shares are 0 … 1 of the cases; `…EveryMs` is the mean time between two of them
 * over the whole world, 0 being never; switches are 0 or 1.
 */
export interface Faults {
  // FCM's answers
  readonly latencyMs: number;
  readonly slowAnswers: number;
  readonly retryNack: number;
  readonly refuse: number;
  readonly stanzaError: number;
  /** Messages to one target that FCM takes within 10 s; 0: any number. */
  readonly targetLimit: number;
  readonly answerTwice: number;
  readonly noAnswer: number;
  readonly oddFrames: number;
  readonly stormEveryMs: number;
  // connections
  readonly resetEveryMs: number;
  readonly closeEveryMs: number;
  readonly drainEveryMs: number;
  /** Share of drained connections that FCM does not close. */
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
  /** How far a worker's clock may be off, either way. */
  readonly skewMs: number;
  /** How long inputs may gather into one turn of the machine; 0: only those of the same moment. */
  readonly turnMs: number;
  // functions, and their requests
  /** Share of requests whose function dies before it answers. */
  readonly functionDies: number;
  /** Share of messages that are posted once more, answered or not. */
  readonly repeats: number;
  readonly shortTtl: number;
  readonly cancel: number;
  readonly burst: number;
  readonly fewTargets: number;
  /** Share of messages to a few targets that FCM always answers "later", in the calm too. */
  readonly failingTargets: number;
  /** Share of messages on which FCM closes the connection each time, in the calm too. */
  readonly killers: number;
  readonly flood: number;
}

export type FaultName = keyof Faults;

type Range = readonly [least: number, most: number];

/** The strength of each where it is on. */
const RANGES: Readonly<Record<FaultName, Range>> = {
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

export const FAULT_NAMES = Object.keys(RANGES) as FaultName[];

export const CALM: Faults = {
  ...(Object.fromEntries(FAULT_NAMES.map((name) => [name, 0])) as unknown as Faults),
  latencyMs: 20,
};

/**
 * Swarm testing: some scenarios have a few faults, some have most. What is off in one lets others go further than all
 * of them at once could.
 */
export function drawFaults(dice: Dice): Faults {
  const share = dice.between(0.05, 0.7);
  const drawn = FAULT_NAMES.map((name) => {
    const [least, most] = RANGES[name];
    const on = dice.chance(name === 'flood' ? 0.06 : share);
    const strength = dice.between(least, most);
    return [name, on ? strength : CALM[name]] as const;
  });
  return Object.fromEntries(drawn) as unknown as Faults;
}

export const isOn = (faults: Faults, name: FaultName): boolean => faults[name] !== CALM[name];
