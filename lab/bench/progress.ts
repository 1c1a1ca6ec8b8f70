import { usage } from './meter.ts';

/** From a side to the harness: the warm-up is over. */
export interface Warm {
  readonly kind: 'warm';
}

/** Everything measured is done. */
export interface Done {
  readonly kind: 'done';
  readonly messages: number;
  readonly seconds: number;
  readonly cpuMicros: number;
  readonly peakRssBytes: number;
}

/**
 * The work of a side that measures itself: hands out message numbers, checks that each ends exactly once, and takes
 * time and CPU from the last message of the warm-up to the last measured one.
 */
export class Progress {
  /** All messages have ended, and the figures are reported. */
  readonly finished: Promise<void>;
  readonly #ended: Uint8Array;
  readonly #warmUp: number;
  readonly #messages: number;
  #taken = 0;
  #count = 0;
  #startMs = 0;
  #startCpuMicros = 0;
  #told: Promise<void> | undefined;
  #finish: () => void = () => undefined;

  /** @param behind messages after the measured ones */
  constructor({
    warmUp,
    messages,
    behind = 0,
  }: {
    readonly warmUp: number;
    readonly messages: number;
    readonly behind?: number;
  }) {
    this.#warmUp = warmUp;
    this.#messages = messages;
    this.#ended = new Uint8Array(warmUp + messages + behind);
    this.finished = new Promise((resolve) => (this.#finish = resolve));
  }

  get total(): number {
    return this.#ended.length;
  }

  /** The number of the next message to send; `undefined` if there is none left. */
  take(): number | undefined {
    return this.#taken < this.#ended.length ? this.#taken++ : undefined;
  }

  /** @throws Error if this message has already ended, or was never taken */
  ended(n: number): void {
    if (n >= this.#taken || this.#ended[n] !== 0) throw new Error(`message ${n} ended twice, or was never sent`);
    this.#ended[n] = 1;
    this.#count += 1;
    if (this.#count === this.#warmUp) this.#begin();
    if (this.#count === this.#warmUp + this.#messages) this.#told = this.#report();
    if (this.#count === this.#ended.length) void this.#told?.then(this.#finish);
  }

  #begin(): void {
    this.#startMs = performance.now();
    this.#startCpuMicros = usage().cpuMicros;
    process.send?.({ kind: 'warm' } satisfies Warm);
  }

  #report(): Promise<void> {
    const seconds = (performance.now() - this.#startMs) / 1_000;
    const { cpuMicros, peakRssBytes } = usage();
    const done: Done = {
      kind: 'done',
      messages: this.#messages,
      seconds,
      cpuMicros: cpuMicros - this.#startCpuMicros,
      peakRssBytes,
    };
    return new Promise((resolve) => {
      if (process.send === undefined) process.stdout.write(`${JSON.stringify(done)}\n`, () => resolve());
      else process.send(done, () => resolve());
    });
  }
}
