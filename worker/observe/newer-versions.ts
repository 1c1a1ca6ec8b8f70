/**
 * So many of a newer relay in a row, and the lane is left alone for so long: each that goes back costs a delivery
 * attempt.
 */
export const NEWER_IN_A_ROW = 10;
export const LANE_PAUSE_MS = 60_000;

/** Counts what a lane yields: is it time to leave it to a newer worker? After a pause the first of them is enough. */
export class NewerVersions {
  #inARow = 0;
  #pausedUntilMs = -Infinity;

  /** One that we do not know. @returns whether to pause the lane from now on, for LANE_PAUSE_MS */
  unknown(nowMs: number): boolean {
    this.#inARow += 1;
    if (this.#inARow < NEWER_IN_A_ROW || nowMs < this.#pausedUntilMs) return false;
    this.#pausedUntilMs = nowMs + LANE_PAUSE_MS;
    this.#inARow = NEWER_IN_A_ROW - 1;
    return true;
  }

  /** Any other. */
  known(): void {
    this.#inARow = 0;
  }
}
