import type { Session } from '../session/session.ts';
import type { Schedule } from '../time/schedule.ts';

/**
 * When upstream begins on a new connection. What waits must not leave together with the answer that ends a login:
 * clients put their handlers in place once they have read it, and drop what comes in the same read. The last thing
 * that a login asks for is a session, but many clients ask for none; so the wait begins with the binding, and anew
 * with the session's result.
 */
export class UpstreamStart {
  readonly #schedule: Schedule;
  readonly #delayMs: () => number;
  readonly #begin: (session: Session) => void;
  readonly #waiting = new Map<Session, () => void>(); // how each is called off

  constructor(schedule: Schedule, delayMs: () => number, begin: (session: Session) => void) {
    this.#schedule = schedule;
    this.#delayMs = delayMs;
    this.#begin = begin;
  }

  bound(session: Session): void {
    this.#waiting.set(
      session,
      this.#schedule.after(this.#delayMs(), () => {
        this.#waiting.delete(session);
        this.#begin(session);
      }),
    );
  }

  /** Only a session that is asked for before upstream has begun puts it off. */
  sessionAsked(session: Session): void {
    if (this.#callOff(session)) this.bound(session);
  }

  closed(session: Session): void {
    this.#callOff(session);
  }

  #callOff(session: Session): boolean {
    this.#waiting.get(session)?.();
    return this.#waiting.delete(session);
  }
}
