import type { Clock } from '../time/clock.ts';
import type { Random } from '../time/random.ts';
import type { Schedule } from '../time/schedule.ts';
import type { ClientStanza } from '../wire/client-stanza.ts';
import type { GcmForm } from '../wire/frames.ts';
import type { XmlLimits } from '../wire/xml-stream.ts';
import type { Session } from './session.ts';

/** What a session asks of the server behind it. */
export interface SessionHost {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly identifiers: Random;
  readonly xmlLimits: XmlLimits;
  gcmForm(): GcmForm;
  /** Why these credentials are no good; undefined when they are. */
  objection(session: Session, senderId: string, password: string): string | undefined;
  /** A login was refused, for the log. */
  refused(session: Session, senderId: string, reason: string): void;
  /** A stream error was sent, for the log. */
  failed(session: Session, condition: string, reason: string): void;
  /** False: this sender has as many connections as it may have. */
  admits(session: Session): boolean;
  bound(session: Session): void;
  /** The client has asked for a session: the last thing that a login asks for. */
  sessionAsked(session: Session): void;
  message(session: Session, stanza: Extract<ClientStanza, { kind: 'message' }>): void;
  closed(session: Session, reason: string, wasBound: boolean): void;
}
