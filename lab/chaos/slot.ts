import { setTimeout as wait } from 'node:timers/promises';
import { Victim, type VictimSpec } from './victim.ts';

const RESTART_AFTER_MS = 300; // Cloud Run is not faster either

/**
 * A place that always has a process in it, as Cloud Run sees to it: whoever dies gets a successor. One thing is done to
 * it at a time.
 */
export class Slot {
  readonly name: string;
  readonly #next: () => VictimSpec;
  #victim: Victim | undefined;
  #busy = false;

  /** @param next what to start, each time with a log file of its own */
  constructor(name: string, next: () => VictimSpec) {
    this.name = name;
    this.#next = next;
  }

  get isBusy(): boolean {
    return this.#busy;
  }

  async start(): Promise<void> {
    await this.#alone(async () => {
      this.#victim = await Victim.start(this.#next());
    });
  }

  /** kill -9, then a successor. @throws Error when it had died by itself before */
  async kill(onKilled: () => void): Promise<void> {
    await this.#alone(async (victim) => {
      if (await victim.kill()) throw new Error(`${this.name} died by itself; its log: ${victim.spec.logFile}`);
      onKilled();
      await wait(RESTART_AFTER_MS);
      this.#victim = await Victim.start(this.#next());
    });
  }

  /** A successor first, then SIGTERM, as a rollout does. @returns how long the end took, in ms */
  async replace(onReady: () => void): Promise<number> {
    let tookMs = 0;
    await this.#alone(async (victim) => {
      this.#victim = await Victim.start(this.#next());
      onReady();
      tookMs = await victim.stop();
    });
    return tookMs;
  }

  /** SIGSTOP, and SIGCONT after so long. */
  async freeze(forMs: number): Promise<void> {
    await this.#alone(async (victim) => {
      victim.signal('SIGSTOP');
      await wait(forMs);
      victim.signal('SIGCONT');
    });
  }

  /** @throws Error when its process is not there any more */
  assertAlive(): void {
    if (this.#victim?.hasEnded === true && !this.#busy)
      throw new Error(`${this.name} died by itself; its log: ${this.#victim.spec.logFile}`);
  }

  async #alone(act: (victim: Victim) => Promise<void>): Promise<void> {
    if (this.#busy) throw new Error(`${this.name} is busy`);
    this.#busy = true;
    try {
      await act(this.#victim as Victim);
    } finally {
      this.#busy = false;
    }
  }
}
