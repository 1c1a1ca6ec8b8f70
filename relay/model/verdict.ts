/**
 * What a refusal means for the message. Each transport decides it by a table of its own.
 * - `fail`: not to be sent again.
 * - `failToken`: the same, and the token is dead: announce it.
 * - `failAlert`: the same, and credentials for Apple or web push are broken: alert someone.
 * - `receivedBefore`: FCM has had the id before. After an earlier send that may have arrived, that one was accepted.
 * - `retry`: send again after a wait that doubles, on the same connection where there is room.
 * - `slowDevice`, `slowTopic`: the same, and everything else to that device or topic waits too.
 * - `reroute`: the connection is draining; send at once on another.
 */
export type Verdict =
  'fail' | 'failToken' | 'failAlert' | 'receivedBefore' | 'retry' | 'slowDevice' | 'slowTopic' | 'reroute';

/** The codes that say that the token itself is dead. Documents keep the code, not the verdict. */
const DEAD_TOKEN_CODES: ReadonlySet<string> = new Set(['BAD_REGISTRATION', 'DEVICE_UNREGISTERED']);

export const isDeadTokenCode = (code: string): boolean => DEAD_TOKEN_CODES.has(code);
