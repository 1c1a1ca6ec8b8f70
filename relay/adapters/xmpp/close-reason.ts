/**
 * Why a connection is over, named for the caller's next move:
 * - `orderly`: CCS closed the stream. Connect again at once.
 * - `refusedCredentials`: connecting again will not help until they are corrected.
 * - `streamError`: CCS ended the stream with an error, or refused to bind a resource.
 * - `reset`: the TCP connection broke, or ended without `</stream:stream>`.
 * - `timeout`: connecting, or logging in, took too long.
 * - `protocolViolation`: the peer sent something that is not restricted XML in UTF-8, or that XMPP does not allow here.
 * - `unreachable`: no TLS connection could be made (name, route, port, certificate).
 * - `closedByUs`: `close()` or `destroy()`.
 */
export type CloseCause =
  | 'orderly'
  | 'refusedCredentials'
  | 'streamError'
  | 'reset'
  | 'timeout'
  | 'protocolViolation'
  | 'unreachable'
  | 'closedByUs';

export interface CloseReason {
  readonly kind: CloseCause;
  /** For people: a condition, a code, a limit, the peer's own text (`peerText`). Never a key or a token. */
  readonly detail: string;
}

/** RFC 6120 §6.5. Conditions that the table lacks count as refused: none of them goes away by itself. */
const SASL_KINDS: ReadonlyMap<string, CloseCause> = new Map([
  ['temporary-auth-failure', 'streamError'],
  ['aborted', 'streamError'],
]);

export const saslFailure = (condition: string, text: string): CloseReason => ({
  kind: SASL_KINDS.get(condition) ?? 'refusedCredentials',
  detail: `SASL: ${condition}${text}`,
});

/** Errors of Node's sockets, before and after TLS is up. The code is enough; the message may reveal too much. */
export const socketFailure = (error: Error, secured: boolean): CloseReason => ({
  kind: secured ? 'reset' : 'unreachable',
  detail: 'code' in error && typeof error.code === 'string' ? error.code : error.name,
});

/** A StanzaError of @xmpp/client's. */
type StanzaFailure = Error & { readonly condition?: unknown; readonly text?: unknown };

/** What @xmpp/client itself reports while it connects and logs in. */
export function loginFailure(error: unknown, serverKey: string): CloseReason {
  const { name, condition, text } = error instanceof Error ? (error as StanzaFailure) : { name: typeof error };
  if (name === 'StanzaError') {
    // RFC 6120 §7.6.2: conflict, not-allowed, resource-constraint …
    const said = conditionName(condition) + peerText(text, serverKey);
    return { kind: 'streamError', detail: `resource binding refused: ${said}` };
  }
  return { kind: 'protocolViolation', detail: `login failed: ${name}` };
}

/** The peer chooses its element's name: only what can be a condition is repeated. */
export const conditionName = (name: unknown): string =>
  typeof name === 'string' && /^[a-z][a-z-]{0,63}$/.test(name) ? name : 'undefined-condition';

const READ_LENGTH = 2_000;
const SHOWN_LENGTH = 200;
const MASK = '…';
const TOKEN_LIKE = /[^\s"'<>(),;]{32,}/gu; // a token, a key, a hash: no natural word is that long

/**
 * The peer's own text as `: "…"`, or nothing: one line, clipped, without control characters. It may repeat what we
 * sent, so the key and anything that could be a token are masked.
 */
export function peerText(text: unknown, serverKey: string): string {
  if (typeof text !== 'string') return '';
  const masked = text.slice(0, READ_LENGTH).replaceAll(serverKey, MASK);
  const line = masked
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replace(TOKEN_LIKE, MASK)
    .trim();
  if (line === '') return '';
  const shown = line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH).toWellFormed()}${MASK}` : line;
  return `: "${shown}"`;
}
