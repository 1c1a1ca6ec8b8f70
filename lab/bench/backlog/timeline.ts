import type { Look } from '../drain/drain-turn.ts';

/** How many messages CCS had taken at which time, for the rate over a part of them. */
export class Timeline {
  readonly #looks: Look[] = [];

  add(look: Look): void {
    this.#looks.push(look);
  }

  /**
   * The rate between the `from`-th and the `to`-th message, a second. @throws RangeError if CCS never took that many
   */
  rate(from: number, to: number): number {
    return ((to - from) * 1_000) / (this.#timeOf(to) - this.#timeOf(from));
  }

  /** Interpolated between two samples. */
  #timeOf(taken: number): number {
    const at = this.#looks.findIndex((look) => look.taken >= taken);
    const [before, after] = [this.#looks[at - 1], this.#looks[at]];
    if (after === undefined) throw new RangeError(`CCS never took ${taken} messages`);
    if (before === undefined) return after.atMs;
    return before.atMs + ((after.atMs - before.atMs) * (taken - before.taken)) / (after.taken - before.taken);
  }
}
