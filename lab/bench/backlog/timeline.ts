import type { Look } from '../drain/drain-turn.ts';

/** How many messages CCS had taken, and when: for the rate over a part of them. */
export class Timeline {
  readonly #looks: Look[] = [];

  add(look: Look): void {
    this.#looks.push(look);
  }

  /**
   * Messages a second from the moment when CCS had `from` of them until it had `to`. @throws RangeError when it never
   * had so many
   */
  rate(from: number, to: number): number {
    return ((to - from) * 1_000) / (this.#timeOf(to) - this.#timeOf(from));
  }

  /** Between two looks they are taken to have come evenly. */
  #timeOf(taken: number): number {
    const at = this.#looks.findIndex((look) => look.taken >= taken);
    const [before, after] = [this.#looks[at - 1], this.#looks[at]];
    if (after === undefined) throw new RangeError(`nobody saw ${taken} messages taken`);
    if (before === undefined) return after.atMs;
    return before.atMs + ((after.atMs - before.atMs) * (taken - before.taken)) / (after.taken - before.taken);
  }
}
