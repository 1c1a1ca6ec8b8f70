/**
 * Why a connection is over, named for the caller's next move:
 * - `orderly`: CCS closed the stream. Connect again at once.
 * - `refusedCredentials`: connecting again will not help until someone mends them.
 * - `streamError`: CCS ended the stream with an error, or refused to bind a resource.
 * - `reset`: the TCP connection broke, or ended without `</stream:stream>`.
 * - `timeout`: connecting, or logging in, took too long.
 * - `protocolViolation`: the peer sent what is not restricted XML in UTF-8, or not what XMPP allows at this point.
 * - `unreachable`: no TLS connection could be made (name, route, port, certificate).
 * - `closedByUs`: `close()` or `destroy()`.
 */
export type CloseKind =
  | 'orderly'
  | 'refusedCredentials'
  | 'streamError'
  | 'reset'
  | 'timeout'
  | 'protocolViolation'
  | 'unreachable'
  | 'closedByUs';

export interface CloseReason {
  readonly kind: CloseKind;
  /** For people: a condition, an error code, a limit. Never what the peer wrote as text, never a key or a token. */
  readonly detail: string;
}

/** RFC 6120 §6.5. A condition that the table lacks counts as refused: none of them goes away by itself. */
const SASL_KINDS: ReadonlyMap<string, CloseKind> = new Map([
  ['temporary-auth-failure', 'streamError'],
  ['aborted', 'streamError'],
]);

export const saslFailure = (condition: string): CloseReason => ({
  kind: SASL_KINDS.get(condition) ?? 'refusedCredentials',
  detail: `SASL: ${condition}`,
});

/** Errors of Node's sockets, before TLS stands and after. The code says it all; the message may name more than it should. */
export const socketFailure = (error: Error, secured: boolean): CloseReason => ({
  kind: secured ? 'reset' : 'unreachable',
  detail: 'code' in error && typeof error.code === 'string' ? error.code : error.name,
});

/** What @xmpp/client itself reports while it connects and logs in. */
export function loginFailure(error: unknown): CloseReason {
  const { name, condition } = error instanceof Error ? (error as Error & { condition?: unknown }) : { name: typeof error };
  // RFC 6120 §7.6.2: conflict, not-allowed, resource-constraint …
  if (name === 'StanzaError') return { kind: 'streamError', detail: `resource binding refused: ${conditionName(condition)}` };
  return { kind: 'protocolViolation', detail: `login failed: ${name}` };
}

/** An element's name is the peer's to choose: only what can be a condition is repeated. */
export const conditionName = (name: unknown): string =>
  typeof name === 'string' && /^[a-z][a-z-]{0,63}$/.test(name) ? name : 'undefined-condition';
