import { UnavailableError } from './problem.ts';

/**
 * What the relay's own work may take. While the caller's body comes in, the clock stands: that has a limit of its own
 * (BODY_LIMITS), and is nobody's fault but the caller's.
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

  /** Rejects with UnavailableError when `work` takes longer. */
  within<T>(work: Promise<T>): Promise<T> {
    this.#start();
    return Promise.race([work, this.#late]).finally(() => this.#stop());
  }

  /** Waits for the caller; then all of the time begins anew. */
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
