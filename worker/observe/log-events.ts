import type { LogLevel } from '../config.ts';
import type { HandBackReason } from '../../relay/machine/turn/note.ts';

export interface LogEventSpec {
  readonly level: LogLevel;
  /** Where the level depends on the outcome. */
  readonly levelNote?: string;
  readonly message: string;
  /** For the operator: what to do about the line. */
  readonly action?: string;
}

/** Every line the worker logs. docs/operations.md lists them; a test holds that list to this table. */
export const LOG_EVENTS = {
  'worker.started': { level: 'info', message: 'worker started' },
  'worker.crashed': {
    level: 'error',
    message: 'internal error, exiting; unacked messages will be redelivered',
    action: 'Restart it (nothing is lost) and report the stack trace.',
  },
  'worker.stopped': { level: 'info', message: 'worker stopped' },
  'stop.requested': { level: 'info', message: 'stopping: no more pulls, waiting for pending messages' },
  'stop.timed_out': {
    level: 'warning',
    message: 'stop timed out, exiting; unacked messages will be redelivered',
    action: 'If frequent, give the platform more than 10 s.',
  },
  'connection.opened': { level: 'info', message: 'connection open' },
  'connection.closed': {
    level: 'warning',
    levelNote: 'INFO when closed in good order',
    message: 'connection closed',
    action: '`detail` says why; `next_attempt_in_ms` when the worker reconnects.',
  },
  'connection.lost': {
    level: 'warning',
    message: 'connection lost, resending its pending messages',
    action: 'A few are normal.',
  },
  'connection.timed_out': {
    level: 'warning',
    message: 'no data from CCS, replacing the connection',
    action: 'A half-open connection. If frequent, check the network.',
  },
  'connection.drain_started': { level: 'info', message: 'CCS is draining the connection, opening another' },
  'credentials.refused': {
    level: 'error',
    message: 'CCS refused our credentials, nothing can be sent: check FCM_SENDER_ID and FCM_SERVER_KEY',
    action: 'Fix the credentials and restart the worker.',
  },
  'pulling.paused': {
    level: 'error',
    message: 'no connection to CCS: pulling is paused until one opens; unsent messages went back to Pub/Sub',
    action: 'See the `connection.closed` line before it.',
  },
  'pulling.resumed': { level: 'info', message: 'connected to CCS again, pulling resumed' },
  'pull.failed': {
    level: 'warning',
    message: 'pull stream failed, resubscribing',
    action: 'If it lasts, check Pub/Sub and the rights on the subscription.',
  },
  'lane.paused': {
    level: 'error',
    message: 'only messages from a newer relay, pausing this lane',
    action: 'Upgrade the workers: they come before the functions.',
  },
  'breaker.opened': {
    level: 'warning',
    message: 'FCM asks to retry later for every target: sending paused, probing',
    action: "Check FCM's status.",
  },
  'breaker.closed': { level: 'info', message: 'FCM accepts messages again, sending resumed' },
  'message.sent': { level: 'debug', message: 'message sent' },
  'message.delayed': { level: 'info', message: 'message delayed before its next send' },
  'message.settled': {
    level: 'info',
    levelNote: 'DEBUG when acked, or already settled when pulled',
    message: 'message settled',
  },
  'message.handed_back': {
    level: 'info',
    levelNote: 'DEBUG for `noConnection`',
    message: 'message handed back to Pub/Sub',
  },
  'message.isolated': {
    level: 'warning',
    message: 'connection ended again before this message was answered, sending it alone after a delay',
    action: 'At `convictions` 3 it ends as `dead`.',
  },
  'answer.timed_out': { level: 'warning', message: 'CCS left a message unanswered, replacing the connection' },
  'answer.ignored': { level: 'info', message: 'answer matches no pending message (late or repeated), ignored' },
  'frame.refused': {
    level: 'error',
    message: 'CCS refused a frame of ours: this is a bug in the relay, please report it',
    action: 'Report it.',
  },
  'frame.ignored': {
    level: 'warning',
    message: 'unknown frame ignored',
    action: 'If frequent, check what the far end speaks.',
  },
  'push_credentials.refused': {
    level: 'error',
    message: 'FCM has no valid credentials for APNs or web push: renew them in the Firebase console',
    action: 'Renew them.',
  },
  'upstream.received': { level: 'debug', message: 'upstream message received' },
  'upstream.refused': {
    level: 'warning',
    message: 'too many upstream messages in flight: left unacked, CCS will resend',
    action: 'If it lasts, Pub/Sub is slow.',
  },
  'store.failed': { level: 'warning', message: 'Firestore call failed, retrying' },
  'publish.failed': { level: 'warning', message: 'publishing an event failed, retrying' },
  'queue_message.handed_back': {
    level: 'error',
    message: 'queue message from a newer relay handed back: upgrade the workers before the functions',
    action: 'Upgrade the workers.',
  },
  'queue_message.dead_lettered': {
    level: 'warning',
    message: 'unusable queue message dead-lettered',
    action: 'See _Dead letters_.',
  },
  'queue_message.rejected': {
    level: 'error',
    message:
      'unsigned queue message dead-lettered: does TOKEN_HASH_KEY match, or does someone else publish to this lane?',
    action: 'See _The queue is signed_.',
  },
  'dead_letter.failed': {
    level: 'error',
    message: 'publishing a dead letter failed; Pub/Sub will redeliver the message',
    action: 'Check the rights on `fcm-downstream-dead`.',
  },
} as const satisfies Readonly<Record<string, LogEventSpec>>;
export type LogEvent = keyof typeof LOG_EVENTS;

interface OnConnection {
  readonly connection: string;
}
interface OfMessage {
  readonly message_id: string;
}
interface OnLane {
  readonly subscription: string;
}
interface RejectedFields extends OnLane {
  readonly reason: string;
  readonly detail: string;
  readonly message_id: string | undefined;
  readonly bytes: number;
}
interface ClosedFields extends OnConnection {
  readonly detail: string;
  readonly next_attempt_in_ms: number | undefined;
}
type Nothing = Readonly<Record<string, never>>;

/** What each line says beside its message: ids, codes and numbers; never a token, a key or a payload. */
export interface LogFields {
  readonly 'worker.started': {
    readonly sender_id: string;
    readonly ccs: string;
    readonly connections: number;
    readonly port: number;
  };
  readonly 'worker.crashed': { readonly error: string };
  readonly 'worker.stopped': Nothing;
  readonly 'stop.requested': { readonly signal: string };
  readonly 'stop.timed_out': Nothing;
  readonly 'connection.opened': OnConnection & { readonly purpose: string };
  readonly 'connection.closed': ClosedFields;
  readonly 'connection.lost': OnConnection & { readonly pending: number };
  readonly 'connection.timed_out': OnConnection & { readonly silent_ms: number; readonly pending: number };
  readonly 'connection.drain_started': OnConnection & { readonly pending: number };
  readonly 'credentials.refused': ClosedFields;
  readonly 'pulling.paused': { readonly handed_back: number };
  readonly 'pulling.resumed': Nothing;
  readonly 'pull.failed': OnLane & { readonly error: string };
  readonly 'lane.paused': OnLane & { readonly pause_ms: number };
  readonly 'breaker.opened': { readonly wait_ms: number };
  readonly 'breaker.closed': Nothing;
  readonly 'message.sent': OfMessage & OnConnection & { readonly attempts: number };
  readonly 'message.delayed': OfMessage & {
    readonly error: string | undefined;
    readonly wait_ms: number;
    readonly attempts: number;
  };
  readonly 'message.settled': OfMessage & {
    readonly state: string;
    readonly lane: string;
    readonly attempts: number;
    readonly error: string | undefined;
    readonly since_accepted_ms: number;
    readonly known_before: boolean;
  };
  readonly 'message.handed_back': OfMessage & { readonly why: HandBackReason };
  readonly 'message.isolated': OfMessage & OnConnection & { readonly losses: number; readonly convictions: number };
  readonly 'answer.timed_out': OnConnection & { readonly pending_ms: number };
  readonly 'answer.ignored': OfMessage & OnConnection & { readonly error: string | undefined };
  readonly 'frame.refused': OnConnection & { readonly what: string };
  readonly 'frame.ignored': OnConnection & { readonly reason: string };
  readonly 'push_credentials.refused': OfMessage & { readonly error: string };
  readonly 'upstream.received': OfMessage & OnConnection & { readonly repeated: boolean };
  readonly 'upstream.refused': OnConnection;
  readonly 'store.failed': OfMessage & { readonly failures: number };
  readonly 'publish.failed': { readonly failures: number };
  readonly 'queue_message.handed_back': OnLane & { readonly detail: string };
  readonly 'queue_message.dead_lettered': RejectedFields;
  readonly 'queue_message.rejected': RejectedFields;
  readonly 'dead_letter.failed': RejectedFields;
}
