import type { ClientStanza } from '../stanzas/client-stanza.ts';
import type { XmlLimits } from '../xml/xml-stream.ts';
import type { StreamHost } from './server-stream.ts';

/** What a session needs of the server behind it. `S` is the session: its module imports this one. */
export interface SessionHost<S> extends StreamHost {
  readonly xmlLimits: XmlLimits;
  /** Why these credentials are refused; undefined when they are accepted. */
  loginRefusal(session: S, senderId: string, password: string): string | undefined;
  /** A login was refused; for the log. */
  authRefused(session: S, senderId: string, reason: string): void;
  /** A stream error was sent; for the log. */
  failed(session: S, condition: string, reason: string): void;
  /** Whether the sender may have one more connection. */
  belowConnectionLimit(session: S): boolean;
  bound(session: S): void;
  /** The client has requested a session, the last step of a login. */
  sessionRequested(session: S): void;
  message(session: S, stanza: Extract<ClientStanza, { kind: 'message' }>): void;
  closed(session: S, reason: string, wasBound: boolean): void;
}
