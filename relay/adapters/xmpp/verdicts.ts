import type { LinkReport, Refused } from '../../model/link.ts';
import type { Verdict } from '../../model/verdict.ts';
import { knownCode, knownStanzaError, knownText } from '../../protocol/ccs/ccs-text.ts';
import type { NackFrame, StanzaErrorFrame } from '../../protocol/ccs/frame.ts';
import type { NackCode } from '../../protocol/ccs/nack-codes.ts';

/** BAD_ACK refuses an ack of ours: its id is that of an upstream message, and no downstream message is concerned. */
type NackVerdict = Verdict | 'defect';

/** Protocol §4, table 4. */
const VERDICTS: Readonly<Record<NackCode, NackVerdict>> = {
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

const RECEIVED_BEFORE = 'Message with the same id has been received before';

const isNackCode = (error: string): error is NackCode => Object.hasOwn(VERDICTS, error);

/** A code that the table lacks counts as INTERNAL_SERVER_ERROR (protocol §4). */
export function verdictOf(error: string, description: string): NackVerdict {
  if (error === 'INVALID_JSON' && description.includes(RECEIVED_BEFORE)) return 'receivedBefore';
  return VERDICTS[isNackCode(error) ? error : 'INTERNAL_SERVER_ERROR'];
}

export function reportOfNack({ messageId, error, description }: NackFrame): LinkReport {
  const verdict = verdictOf(error, description);
  if (verdict === 'defect') return { kind: 'defect', what: error };
  return refused({ messageId, verdict, code: knownCode(error) }, knownText(description));
}

/** A stanza error that answers an ack of ours, never a downstream message (protocol §6). */
const FOREIGN_ACK = '406';

/** Stanza errors by which a server says "later", not "never" (RFC 6120 §8.3.3). */
const PASSING_CONDITIONS: ReadonlySet<string> = new Set([
  'internal-server-error',
  'resource-constraint',
  'service-unavailable',
  'remote-server-timeout',
]);

/** What documents and events show for a stanza error, which carries no code of table 4. */
const STANZA_ERROR = 'STANZA_ERROR';

export function reportOfStanzaError(frame: StanzaErrorFrame): LinkReport {
  const { messageId, code, condition = '' } = frame;
  const said = knownStanzaError(frame);
  if (code === FOREIGN_ACK || messageId === undefined) return { kind: 'defect', what: `stanza error ${said}`.trim() };
  const verdict = PASSING_CONDITIONS.has(condition) ? 'retry' : 'fail';
  return refused({ messageId, verdict, code: STANZA_ERROR }, said);
}

const refused = (answer: Omit<Refused, 'kind' | 'description'>, description: string | undefined): Refused => ({
  kind: 'refused',
  ...answer,
  ...(description !== undefined && description !== '' && { description }),
});
