/**
 * After this many newer messages in a row the lane is paused for this long: each hand-back costs a delivery attempt.
 */
export const NEWER_IN_A_ROW = 10;
export const LANE_PAUSE_MS = 60_000;

/** Decides when to pause a lane for a newer worker. After a pause, the first newer message is enough. */
export class NewerVersions {
  #inARow = 0;
  #pausedUntilMs = -Infinity;

  /**
   * Counts a newer message.
   * @returns whether to pause the lane for LANE_PAUSE_MS
   */
  unknown(nowMs: number): boolean {
    this.#inARow += 1;
    if (this.#inARow < NEWER_IN_A_ROW || nowMs < this.#pausedUntilMs) return false;
    this.#pausedUntilMs = nowMs + LANE_PAUSE_MS;
    this.#inARow = NEWER_IN_A_ROW - 1;
    return true;
  }

  /** Counts any other message. */
  known(): void {
    this.#inARow = 0;
  }
}
