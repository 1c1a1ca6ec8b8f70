import type { Session } from './session/session.ts';

/** The open sessions, and the connection counters. */
export class Sessions {
  readonly #open = new Map<string, Session>();
  readonly #boundBySender = new Map<string, number>();
  #opened = 0;
  #closed = 0;
  #authRefused = 0;
  #highestPending = 0; // of those already closed

  get counters(): { opened: number; closed: number; open: number; authRefused: number; highestPending: number } {
    return {
      opened: this.#opened,
      closed: this.#closed,
      open: this.#open.size,
      authRefused: this.#authRefused,
      highestPending: this.list().reduce(
        (highest, { counts }) => Math.max(highest, counts.highestPending),
        this.#highestPending,
      ),
    };
  }

  list(): Session[] {
    return [...this.#open.values()];
  }

  get(id: string): Session | undefined {
    return this.#open.get(id);
  }

  /** The id that `make` gives the session is counted from 1. */
  open(make: (id: string) => Session): Session {
    const session = make(`c${(this.#opened += 1)}`);
    this.#open.set(session.id, session);
    return session;
  }

  boundCount(sender: string): number {
    return this.#boundBySender.get(sender) ?? 0;
  }

  bound({ senderId }: Session): void {
    this.#boundBySender.set(senderId, this.boundCount(senderId) + 1);
  }

  authRefused(): void {
    this.#authRefused += 1;
  }

  closed(session: Session, wasBound: boolean): void {
    this.#open.delete(session.id);
    this.#closed += 1;
    this.#highestPending = Math.max(this.#highestPending, session.counts.highestPending);
    if (wasBound) this.#boundBySender.set(session.senderId, this.boundCount(session.senderId) - 1);
  }

  /** Zeroes the counters; the sessions stay open. */
  clearCounters(): void {
    this.#opened = this.#closed = this.#authRefused = this.#highestPending = 0;
  }
}
