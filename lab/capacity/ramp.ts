/** How slowly a load must begin. */
export interface Ramp {
  /** Firestore's 500/50/5: from 500 operations/s, half as much again every 5 minutes. */
  readonly firestoreMinutes: number;
  /** When so many messages a second may be handed in, by that rule. The last step is the rate itself. */
  readonly firestoreSteps: readonly RampStep[];
  /** FCM: from nothing to the full rate in no less than 60 s. */
  readonly fcmSeconds: number;
  /**
   * FCM, for a load that is new to it: seven steps, each smoothed over an hour at least and watched for a day to a
   * week.
   */
  readonly fcmRollout: readonly RolloutStep[];
  /** FCM wants to be told before (30 000/s on a continent, 100 000/s in the world, within three months). */
  readonly tellFcm: boolean;
}

export interface RampStep {
  readonly minute: number;
  readonly messagesPerSecond: number;
}

export interface RolloutStep {
  readonly share: number;
  readonly messagesPerSecond: number;
}

const FIRST_OPS = 500;
const GROWTH = 1.5;
const STEP_MINUTES = 5;
const FCM_SECONDS = 60;
const FCM_SHARES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1];
const FCM_TELL_PER_SECOND = 30_000;

export function rampOf(messagesPerSecond: number, opsPerMessage: number): Ramp {
  const steps = firestoreRampSteps(messagesPerSecond * opsPerMessage);
  return {
    firestoreMinutes: steps * STEP_MINUTES,
    firestoreSteps: Array.from({ length: steps + 1 }, (_, step) => ({
      minute: step * STEP_MINUTES,
      messagesPerSecond: Math.min(messagesPerSecond, (FIRST_OPS * GROWTH ** step) / opsPerMessage),
    })),
    fcmSeconds: FCM_SECONDS,
    fcmRollout: FCM_SHARES.map((share) => ({ share, messagesPerSecond: messagesPerSecond * share })),
    tellFcm: messagesPerSecond >= FCM_TELL_PER_SECOND,
  };
}

/** How many increases by half it takes from 500 operations/s. */
export function firestoreRampSteps(opsPerSecond: number): number {
  let steps = 0;
  for (let ops = FIRST_OPS; ops < opsPerSecond; ops *= GROWTH) steps += 1;
  return steps;
}
