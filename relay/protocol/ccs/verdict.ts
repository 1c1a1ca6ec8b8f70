/**
 * What a nack means for the message (protocol §4, table 4). `fail…` is terminal; the others are sent again.
 * - `fail`: do not retry.
 * - `failToken`: do not retry, and the token is dead: announce it.
 * - `failAlert`: do not retry; credentials are broken: someone must be told.
 * - `defect`: our own frame was malformed (BAD_ACK): log, count; no message is concerned.
 * - `retry`: again on the same connection, exponential backoff from 1 s.
 * - `slowDevice`, `slowTopic`: again, and everything to that device or topic waits too.
 * - `reroute`: at once, on another connection.
 */
export type Verdict = 'fail' | 'failToken' | 'failAlert' | 'defect' | 'retry' | 'slowDevice' | 'slowTopic' | 'reroute';

export const NACK_CODES = [
  'INVALID_JSON',
  'BAD_REGISTRATION',
  'DEVICE_UNREGISTERED',
  'SENDER_ID_MISMATCH',
  'BAD_ACK',
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'DEVICE_MESSAGE_RATE_EXCEEDED',
  'TOPICS_MESSAGE_RATE_EXCEEDED',
  'CONNECTION_DRAINING',
  'INVALID_APNS_CREDENTIAL',
  'AUTHENTICATION_FAILED',
] as const;
export type NackCode = (typeof NACK_CODES)[number];

const VERDICTS: Readonly<Record<NackCode, Verdict>> = {
  INVALID_JSON: 'fail',
  BAD_REGISTRATION: 'failToken',
  DEVICE_UNREGISTERED: 'failToken',
  SENDER_ID_MISMATCH: 'fail',
  BAD_ACK: 'defect',
  SERVICE_UNAVAILABLE: 'retry',
  INTERNAL_SERVER_ERROR: 'retry',
  DEVICE_MESSAGE_RATE_EXCEEDED: 'slowDevice',
  TOPICS_MESSAGE_RATE_EXCEEDED: 'slowTopic',
  CONNECTION_DRAINING: 'reroute',
  INVALID_APNS_CREDENTIAL: 'failAlert',
  AUTHENTICATION_FAILED: 'failAlert',
};

const isNackCode = (error: string): error is NackCode => Object.hasOwn(VERDICTS, error);

/** A code that the table lacks counts as INTERNAL_SERVER_ERROR (protocol §4). */
export const verdictOf = (error: string): Verdict => VERDICTS[isNackCode(error) ? error : 'INTERNAL_SERVER_ERROR'];

const DUPLICATE = 'Message with the same id has been received before';

/** CCS had this id already: after a resend of ours it means that an earlier copy was accepted (protocol §4). */
export const saysDuplicate = (error: string, description: string): boolean =>
  error === 'INVALID_JSON' && description.includes(DUPLICATE);
