import type { Note } from '../../relay/machine/turn/note.ts';
import type { Anomaly } from './anomaly.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/**
 * The machine's notes → log lines and counters. An ack is the normal case, and stands in Firestore and the delivery
 * events anyway: its line is `debug`.
 */
export function observer(log: Log, metrics: Metrics): (note: Note) => void {
  return (note) => {
    switch (note.kind) {
      case 'settled':
        return settled(note, log, metrics);
      case 'sent': {
        const { messageId: message_id, connection, attempts } = note;
        metrics.sent(attempts);
        return log('message.sent', { message_id, connection, attempts });
      }
      case 'answered':
        return metrics.answered(note.error, note.tookMs);
      case 'resting': {
        const { messageId: message_id, error, waitMs: wait_ms, attempts } = note;
        return log('message.delayed', { message_id, error, wait_ms, attempts });
      }
      case 'handedBack': {
        const { messageId: message_id, why } = note;
        metrics.handedBack(why);
        return log('message.handed_back', { message_id, why }, why === 'noConnection' ? 'debug' : undefined);
      }
      case 'upstream': {
        const { messageId: message_id, connection, repeated } = note;
        metrics.upstream(repeated);
        return log('upstream.received', { message_id, connection, repeated });
      }
      case 'opened':
        return log('connection.opened', { connection: note.connection, purpose: note.purpose });
      case 'draining':
        return log('connection.drain_started', { connection: note.connection, pending: note.pending });
      case 'breakerOpen':
        return log('breaker.opened', { wait_ms: note.waitMs });
      case 'breakerClosed':
        return log('breaker.closed', {});
      case 'away':
        return log('pulling.paused', { handed_back: note.handedBack });
      case 'backAgain':
        return log('pulling.resumed', {});
      case 'closed':
        return closed(note, log, metrics);
      case 'lost':
        metrics.lost(note.pending);
        return log('connection.lost', { connection: note.connection, pending: note.pending });
      case 'suspected': {
        const { messageId: message_id, connection, losses, convictions } = note;
        return log('message.isolated', { message_id, connection, losses, convictions });
      }
      default:
        return anomaly(note, log, metrics);
    }
  };
}

type Of<K extends Note['kind']> = Extract<Note, { kind: K }>;

function settled(note: Of<'settled'>, log: Log, metrics: Metrics): void {
  const { messageId, state, lane, attempts, error, sinceAcceptedMs, knownBefore } = note;
  if (knownBefore) metrics.knownBefore(state);
  else metrics.settled({ state, error, lane }, sinceAcceptedMs);
  const fields = {
    message_id: messageId,
    state,
    lane,
    attempts,
    error,
    since_accepted_ms: sinceAcceptedMs,
    known_before: knownBefore,
  };
  log('message.settled', fields, state === 'acked' || knownBefore ? 'debug' : undefined);
}

function closed({ connection, how, detail, nextAttemptInMs }: Of<'closed'>, log: Log, metrics: Metrics): void {
  metrics.closed(how);
  const fields = { connection, detail, next_attempt_in_ms: nextAttemptInMs };
  if (how === 'refusedCredentials') log('credentials.refused', fields);
  else log('connection.closed', fields, how === 'orderly' ? 'info' : undefined);
}

function anomaly(note: Anomaly, log: Log, metrics: Metrics): void {
  metrics.anomaly(note.kind);
  switch (note.kind) {
    case 'unmatchedAnswer': {
      const { messageId: message_id, connection, error } = note;
      return log('answer.ignored', { message_id, connection, error });
    }
    case 'defect':
      return log('frame.refused', { connection: note.connection, what: note.what });
    case 'unknownFrame':
      return log('frame.ignored', { connection: note.connection, reason: note.reason });
    case 'pushCredentials':
      return log('push_credentials.refused', { message_id: note.messageId, error: note.error });
    case 'silent': {
      const { connection, silentMs: silent_ms, pending } = note;
      return log('connection.timed_out', { connection, silent_ms, pending });
    }
    case 'unanswered':
      return log('answer.timed_out', { connection: note.connection, pending_ms: note.pendingMs });
    case 'upstreamRefused':
      return log('upstream.refused', { connection: note.connection });
    case 'storeFailed':
      return log('store.failed', { message_id: note.messageId, failures: note.failures });
    case 'publishFailed':
      return log('publish.failed', { failures: note.failures });
    default:
      return note satisfies never;
  }
}
