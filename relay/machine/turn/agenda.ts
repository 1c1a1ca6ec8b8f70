import { Schedule } from './schedule.ts';

/** What the machine comes back to later. An entry that is out of date when its time comes must do nothing. */
export class Agenda {
  readonly #schedule = new Schedule<() => void>();

  /** When the machine has to be woken next; `undefined`: nothing is scheduled. */
  get nextMs(): number | undefined {
    return this.#schedule.nextMs;
  }

  /** @param dueMs milliseconds since 1970 */
  at(dueMs: number, act: () => void): void {
    this.#schedule.add(dueMs, act);
  }

  /** A turn then: every turn fills the pool and the windows, which is all that is needed. */
  turnAt(dueMs: number): void {
    this.#schedule.add(dueMs, nothing);
  }

  /** Runs what is due, earliest first, including what that puts on the agenda. */
  run(nowMs: number): void {
    for (let act = this.#schedule.takeDue(nowMs); act !== undefined; act = this.#schedule.takeDue(nowMs)) act();
  }
}

const nothing = (): void => undefined;
