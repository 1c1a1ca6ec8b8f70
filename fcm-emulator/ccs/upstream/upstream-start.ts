import type { Schedule } from '../../time/schedule.ts';
import type { Session } from '../session/session.ts';

/**
 * Delays upstream on a new connection. Messages must not leave together with the answer that ends the login: clients
 * install their handlers once they have read it, and drop what arrives in the same read. The last step of a login is
 * the session request, but many clients never send one; so the delay starts with the binding, and again with the
 * session's result.
 */
export class UpstreamStart {
  readonly #schedule: Schedule;
  readonly #delayMs: () => number;
  readonly #start: (session: Session) => void;
  readonly #cancelBySession = new Map<Session, () => void>();

  constructor(schedule: Schedule, delayMs: () => number, start: (session: Session) => void) {
    this.#schedule = schedule;
    this.#delayMs = delayMs;
    this.#start = start;
  }

  bound(session: Session): void {
    this.#cancelBySession.set(
      session,
      this.#schedule.after(this.#delayMs(), () => {
        this.#cancelBySession.delete(session);
        this.#start(session);
      }),
    );
  }

  /** Restarts the delay, unless upstream has started already. */
  sessionRequested(session: Session): void {
    if (this.#cancel(session)) this.bound(session);
  }

  closed(session: Session): void {
    this.#cancel(session);
  }

  #cancel(session: Session): boolean {
    this.#cancelBySession.get(session)?.();
    return this.#cancelBySession.delete(session);
  }
}
