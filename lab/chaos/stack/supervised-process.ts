import { setTimeout as wait } from 'node:timers/promises';
import type { RunningProcess } from '../../../dev/stack/process/running-process.ts';

const RESTART_AFTER_MS = 300; // Cloud Run is no faster

/** A process that is replaced whenever it is killed, as Cloud Run does. One thing is done to it at a time. */
export class SupervisedProcess {
  readonly name: string;
  readonly #start: () => Promise<RunningProcess>;
  #process: RunningProcess | undefined;
  #busy = false;

  /** @param start resolves when the process is ready */
  constructor(name: string, start: () => Promise<RunningProcess>) {
    this.name = name;
    this.#start = start;
  }

  get isBusy(): boolean {
    return this.#busy;
  }

  async start(): Promise<void> {
    this.#process = await this.#start();
  }

  /** `kill -9`, then a successor. @throws Error if it was already dead */
  async kill(onKilled: () => void): Promise<void> {
    await this.#exclusively(async (process) => {
      this.#refuseDead(process);
      await process.kill();
      onKilled();
      await wait(RESTART_AFTER_MS);
      await this.start();
    });
  }

  /** A successor first, then SIGTERM, as a rollout does. @returns how long the shutdown took, in ms */
  async replace(onReady: () => void): Promise<number> {
    return this.#exclusively(async (process) => {
      await this.start();
      onReady();
      return Math.round(await process.stop());
    });
  }

  /** SIGSTOP, and SIGCONT after this time. */
  async freeze(forMs: number): Promise<void> {
    await this.#exclusively(async (process) => {
      process.signal('SIGSTOP');
      await wait(forMs);
      process.signal('SIGCONT');
    });
  }

  /** @throws Error if the process has died by itself */
  assertAlive(): void {
    if (this.#process !== undefined && !this.#busy) this.#refuseDead(this.#process);
  }

  #refuseDead({ hasEnded, howEnded, logFile = '' }: RunningProcess): void {
    if (hasEnded) throw new Error(`${this.name} died by itself (${howEnded}); its log: ${logFile}`);
  }

  async #exclusively<T>(act: (process: RunningProcess) => Promise<T>): Promise<T> {
    if (this.#busy) throw new Error(`${this.name} is busy`);
    if (this.#process === undefined) throw new Error(`${this.name} was not started`);
    this.#busy = true;
    try {
      return await act(this.#process);
    } finally {
      this.#busy = false;
    }
  }
}
