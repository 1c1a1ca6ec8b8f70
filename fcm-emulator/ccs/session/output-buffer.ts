import type { Clock } from '../../time/clock.ts';

export interface PendingCounts {
  readonly pending: number;
  readonly highestPending: number;
}

/**
 * A connection's output: all of one turn of the event loop is one write. It also counts pending messages. An answer
 * counts as given once it is written, so the count never exceeds what the client itself must see (protocol §5).
 */
export class OutputBuffer {
  readonly #clock: Clock;
  readonly #send: (text: string) => void;
  #text = '';
  #answers = 0;
  #pending = 0;
  #highestPending = 0;

  constructor(clock: Clock, send: (text: string) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  get counts(): PendingCounts {
    return { pending: this.#pending, highestPending: this.#highestPending };
  }

  write(text: string): void {
    if (this.#text === '') this.#clock.soon(() => this.flush());
    this.#text += text;
  }

  /** Counts a message that has come in as pending; returns how many are. */
  admit(): number {
    this.#pending += 1;
    this.#highestPending = Math.max(this.#highestPending, this.#pending);
    return this.#pending;
  }

  /** One of the writes since the last flush answers an admitted message. */
  settle(): void {
    this.#answers += 1;
  }

  flush(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#pending -= this.#answers;
    this.#answers = 0;
    this.#send(text);
  }
}
