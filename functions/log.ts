import { write as writeEntry, type LogEntry, type LogSeverity } from 'firebase-functions/logger';
import { logText } from '../relay/model/log-text.ts';
import type { ReceivedDeadLetter } from '../relay/model/ports.ts';
import type { DeadLetterOutcome } from '../relay/service/dead-letters/settle-dead.ts';
import type { SweepReport } from '../relay/service/sweep/report.ts';
import { LOG_EVENTS, type FailureEvent, type LogEvent } from './log-events.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Line {
  /** If it is not the one in LOG_EVENTS. */
  readonly severity?: LogSeverity;
  readonly fields: Fields;
}

/**
 * One structured line for Cloud Logging: message ids, codes and numbers; never a token or a payload. Every string is
 * cleaned and clipped here.
 */
function write(event: LogEvent, { severity = LOG_EVENTS[event].level, fields }: Line): void {
  const message = LOG_EVENTS[event].message.replace(/\{(\w+)\}/g, (_, name: string) => String(fields[name]));
  writeEntry(cleanEntry({ severity, event, message, ...fields }));
}

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
  /** The caller, as the owner of its messages: `user:<uid>`, `key:<name>`. */
  readonly by?: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

export const logRequest = ({ facts, ...line }: RequestLine): void =>
  write('request.handled', { severity: severityOf(line.status), fields: { ...line, ...facts } });

const severityOf = (status: number): LogSeverity => {
  if (status >= 500) return 'ERROR';
  return status === 401 || status === 403 ? 'WARNING' : 'INFO';
};

/** One line a request: a log-based metric sums `conflicts` by `by` (docs/operations.md). */
export const logConflicts = (by: string, conflicts: number): void =>
  write('message_id.conflicted', { fields: { by, conflicts } });

/** The error with its causes. */
export const logFailure = (event: FailureEvent, error: unknown): void =>
  write(event, { fields: { error: causesOf(error) } });

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

const eventFields = ({ facts, outcome, ms, pubsubMessageId }: EventLine): Fields => ({
  outcome,
  ms,
  pubsub_message_id: pubsubMessageId,
  ...facts,
});

export const logPublishedRequest = (line: EventLine): void =>
  write('published_request.handled', { fields: eventFields(line) });

export interface DeadLetterLine extends Omit<EventLine, 'facts'> {
  readonly outcome: DeadLetterOutcome;
  readonly letter: ReceivedDeadLetter;
}

/** Repeats nothing from an unsigned letter: it may say anything. */
export function logDeadLetter({ letter: { signedBy, messageId, reason }, ...line }: DeadLetterLine): void {
  if (line.outcome === 'notSigned') {
    write('dead_letter.rejected', { fields: eventFields({ ...line, facts: {} }) });
    return;
  }
  const facts = { message_id: messageId, reason: signedBy.relay ? reason : 'MAX_DELIVERY_ATTEMPTS' };
  write('dead_letter.handled', { fields: eventFields({ ...line, facts }) });
}

export function logSweep(report: Omit<SweepReport, 'cause'> & { readonly ms: number }): void {
  const { senderId, waiting, ...counts } = report;
  write('sweep.finished', { severity: sweepSeverity(report), fields: { sender_id: senderId, waiting, ...counts } });
}

function sweepSeverity({ lostLeft, complete, failed, lost }: Omit<SweepReport, 'cause'>): LogSeverity {
  if (lostLeft > 0) return 'ERROR';
  return complete && failed === 0 && lost === 0 ? 'INFO' : 'WARNING';
}
