import type { Clock } from '../time/clock.ts';

export interface PendingCounts {
  readonly pending: number;
  readonly highestPending: number;
}

/**
 * What a connection still has to send: the output of one turn of the loop is one write. It also counts what is pending:
 * an answer counts as given when it is handed over, so the count is never above what the client itself must see
 * (protocol §5).
 */
export class Outbox {
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

  /** A message that wants an answer has come in. The number pending with it. */
  admit(): number {
    this.#pending += 1;
    this.#highestPending = Math.max(this.#highestPending, this.#pending);
    return this.#pending;
  }

  /** One of the writes since the last flush was the answer to an admitted message. */
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
