import { write as writeEntry, type LogEntry, type LogSeverity } from 'firebase-functions/logger';
import type { DeadLetterOutcome } from '../relay/service/dead-letters/settle-dead.ts';
import { logText } from '../relay/model/log-text.ts';
import type { ReceivedDeadLetter } from '../relay/model/ports.ts';
import type { SweepReport } from '../relay/service/sweep/report.ts';

/**
 * Structured lines for Cloud Logging, one wide line an outcome. Message ids, codes and numbers; never a token or a
 * payload. Every string is cleaned and clipped here.
 */
const write = (entry: LogEntry): void => writeEntry(cleanEntry(entry));

export function cleanEntry(entry: LogEntry): LogEntry {
  const fields: [string, unknown][] = Object.entries(entry);
  return Object.fromEntries(fields.map(([name, value]) => [name, cleaned(value)])) as LogEntry;
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return typeof value === 'string' ? logText(value) : value;
}

export interface RequestLine {
  readonly method: string;
  /** The pattern, not the path: `/v1/messages/{message_id}`. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  /** Who asked, as the owner of its messages: `user:<uid>`, `key:<name>`. */
  readonly by?: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

export function logRequest({ facts, ...line }: RequestLine): void {
  write({
    severity: severityOf(line.status),
    message: `${line.method} ${line.route} ${line.status}`,
    ...line,
    ...facts,
  });
}

const severityOf = (status: number): LogSeverity => {
  if (status >= 500) return 'ERROR';
  return status === 401 || status === 403 ? 'WARNING' : 'INFO';
};

/**
 * Requests under a message_id that is in use. A few are mistakes; many by one caller are guesses. One line a request: a
 * log-based metric sums `conflicts` by `by` (docs/operations.md).
 */
export function logConflicts(by: string, conflicts: number): void {
  write({ severity: 'WARNING', message: 'message_id conflicts', by, conflicts });
}

/** Something outside failed, or we did: the error with its causes. */
export function logFailure(doing: string, error: unknown): void {
  write({ severity: 'ERROR', message: `${doing} failed`, error: causesOf(error) });
}

const MAX_CAUSES = 5;

function causesOf(error: unknown): readonly string[] {
  const causes: string[] = [];
  for (
    let cause = error;
    cause !== undefined && causes.length < MAX_CAUSES;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    causes.push(cause instanceof Error ? (cause.stack ?? cause.message) : typeof cause);
  }
  return causes;
}

export interface EventLine {
  readonly ms: number;
  readonly outcome: string;
  readonly pubsubMessageId: string;
  readonly facts: Readonly<Record<string, string | number | undefined>>;
}

export function logEvent(name: string, { facts, outcome, ms, pubsubMessageId }: EventLine): void {
  write({ severity: 'INFO', message: `${name} ${outcome}`, outcome, ms, pubsub_message_id: pubsubMessageId, ...facts });
}

export interface DeadLetterLine extends Omit<EventLine, 'facts'> {
  readonly outcome: DeadLetterOutcome;
  readonly letter: ReceivedDeadLetter;
}

/** Of a letter that nobody signed not a word is repeated: it may say anything. */
export function logDeadLetter({
  letter: { signedBy, messageId, reason },
  ms,
  outcome,
  pubsubMessageId,
}: DeadLetterLine): void {
  if (outcome !== 'notSigned') {
    const facts = { message_id: messageId, reason: signedBy.relay ? reason : 'MAX_DELIVERY_ATTEMPTS' };
    return logEvent('onDeadLetter', { outcome, ms, pubsubMessageId, facts });
  }
  const message =
    'onDeadLetter notSigned: the letter ended no message: is TOKEN_HASH_KEY the same, or who else publishes there?';
  write({ severity: 'ERROR', message, outcome, ms, pubsub_message_id: pubsubMessageId });
}

export function logSweep(report: Omit<SweepReport, 'cause'> & { readonly ms: number }): void {
  const { senderId, waiting, ...counts } = report;
  const severity =
    report.lostLeft > 0 ? 'ERROR' : report.complete && report.failed === 0 && report.lost === 0 ? 'INFO' : 'WARNING';
  write({ severity, message: `sweep of sender ${senderId}`, sender_id: senderId, waiting, ...counts });
}
