import type { Note } from '../../relay/machine/turn/note.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/**
 * Notes of the machine → log lines and counters. One line an outcome; an ack is the normal case and is a `debug` line,
 * since it stands in Firestore and in the delivery events anyway. Every line says what happened and, where someone
 * should act, what to do.
 */
export function observer(log: Log, metrics: Metrics): (note: Note) => void {
  return (note) => {
    switch (note.kind) {
      case 'settled':
        return settled(note, log, metrics);
      case 'sent':
        metrics.sent(note.attempts);
        return log.debug('sent', { message_id: note.messageId, connection: note.connection, attempts: note.attempts });
      case 'answered':
        return metrics.answered(note.error, note.tookMs);
      case 'resting':
        return log.info('will be sent again', {
          message_id: note.messageId,
          error: note.error,
          wait_ms: note.waitMs,
          attempts: note.attempts,
        });
      case 'handedBack':
        metrics.handedBack(note.why);
        return log[note.why === 'noConnection' ? 'debug' : 'info']('handed back to Pub/Sub', {
          message_id: note.messageId,
          why: note.why,
        });
      case 'upstream':
        metrics.upstream(note.repeated);
        return log.debug('upstream', {
          message_id: note.messageId,
          connection: note.connection,
          repeated: note.repeated,
        });
      case 'opened':
        return log.info('connection open', { connection: note.connection, purpose: note.purpose });
      case 'draining':
        return log.info('CCS drains the connection; another one is opened', {
          connection: note.connection,
          pending: note.pending,
        });
      case 'breakerOpen':
        return log.warning('CCS answers nothing but "later": sending stops, one message is tried after each wait', {
          wait_ms: note.waitMs,
        });
      case 'away':
        return log.error(
          'no connection to CCS: pulling is paused until one opens, and what waited goes back to Pub/Sub for other workers',
          { handed_back: note.handedBack },
        );
      case 'backAgain':
        return log.info('connected to CCS again: pulling goes on');
      case 'breakerClosed':
        return log.info('CCS takes messages again');
      case 'closed':
        return closed(note, log, metrics);
      case 'lost':
        metrics.lost(note.pending);
        return log.warning('connection lost; what was pending on it is sent again', {
          connection: note.connection,
          pending: note.pending,
        });
      case 'suspected':
        return log.warning('connection ended before this message was answered, again: it is sent alone after a wait', {
          message_id: note.messageId,
          connection: note.connection,
          losses: note.losses,
          convictions: note.convictions,
        });
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
  if (state === 'acked' || knownBefore) log.debug('settled', fields);
  else log.info('settled', fields);
}

function closed({ connection, how, detail, nextAttemptInMs }: Of<'closed'>, log: Log, metrics: Metrics): void {
  metrics.closed(how);
  const fields = { connection, detail, next_attempt_in_ms: nextAttemptInMs };
  if (how === 'orderly') return log.info('connection closed', fields);
  if (how === 'failed') return log.warning('connection closed', fields);
  log.error(
    'CCS refused our credentials: check FCM_SENDER_ID and FCM_SERVER_KEY. Nothing is sent until they are right; nothing is lost meanwhile',
    fields,
  );
}

export type Anomaly = Of<
  | 'unmatchedAnswer'
  | 'defect'
  | 'unknownFrame'
  | 'pushCredentials'
  | 'silent'
  | 'unanswered'
  | 'upstreamRefused'
  | 'storeFailed'
  | 'publishFailed'
>;

function anomaly(note: Anomaly, log: Log, metrics: Metrics): void {
  metrics.anomaly(note.kind);
  switch (note.kind) {
    case 'unmatchedAnswer':
      return log.info('an answer to nothing that is pending here (late or repeated): ignored', {
        message_id: note.messageId,
        connection: note.connection,
        error: note.error,
      });
    case 'defect':
      return log.error('CCS refused a frame of ours: a defect of the relay, please report it', {
        connection: note.connection,
        what: note.what,
      });
    case 'unknownFrame':
      return log.warning('a frame that protocol.md does not know: ignored', {
        connection: note.connection,
        reason: note.reason,
      });
    case 'pushCredentials':
      return log.error('FCM has no valid credentials for Apple or web push: renew them in the Firebase console', {
        message_id: note.messageId,
        error: note.error,
      });
    case 'silent':
      return log.warning('nothing heard from CCS: the connection is replaced', {
        connection: note.connection,
        silent_ms: note.silentMs,
        pending: note.pending,
      });
    case 'unanswered':
      return log.warning('CCS left a message unanswered: the connection is replaced', {
        connection: note.connection,
        pending_ms: note.pendingMs,
      });
    case 'upstreamRefused':
      return log.warning('too many upstream messages at once: left un-acked, CCS sends them again', {
        connection: note.connection,
      });
    case 'storeFailed':
      return log.warning('Firestore failed; tried again', { message_id: note.messageId, failures: note.failures });
    case 'publishFailed':
      return log.warning('Pub/Sub refused an event; tried again', { failures: note.failures });
    default:
      return note satisfies never;
  }
}
