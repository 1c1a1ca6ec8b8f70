import { UnavailableError } from './problem.ts';

/**
 * Bounds the relay's own work. The clock stops while the caller's body arrives, which has a limit of its own
 * (BODY_LIMITS).
 */
export class Deadline {
  readonly #ms: number;
  readonly #late: Promise<never>;
  #pass: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.#late = new Promise<never>((_, reject) => {
      this.#pass = () => reject(new UnavailableError(`no answer within ${ms} ms`));
    });
  }

  /** Rejects with UnavailableError if `work` takes longer. */
  within<T>(work: Promise<T>): Promise<T> {
    this.#start();
    return Promise.race([work, this.#late]).finally(() => this.#stop());
  }

  /** Waits for the caller, then restarts the clock. */
  async except<T>(waiting: Promise<T>): Promise<T> {
    this.#stop();
    return await waiting.finally(() => this.#start());
  }

  #start(): void {
    this.#timer = setTimeout(this.#pass, this.#ms);
  }

  #stop(): void {
    clearTimeout(this.#timer);
  }
}
