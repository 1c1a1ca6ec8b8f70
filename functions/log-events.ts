export interface LogEventSpec {
  readonly level: 'INFO' | 'WARNING' | 'ERROR';
  /** If the level depends on the outcome. */
  readonly levelNote?: string;
  /** A placeholder in braces stands for a field of the line. */
  readonly message: string;
  /** For the operator: what to do about the line. */
  readonly action?: string;
}

/** Every line the functions log. docs/operations.md lists them; a test holds that list to this table. */
export const LOG_EVENTS = {
  'request.handled': {
    level: 'INFO',
    levelNote: 'WARNING for 401 and 403, ERROR for 5xx',
    message: '{method} {route} {status}',
  },
  'request.failed': {
    level: 'ERROR',
    message: 'handling a request failed',
    action: '`error` has the causes; the caller was answered 500 or 503.',
  },
  'accept.failed': {
    level: 'ERROR',
    message: 'storing or queueing a message failed',
    action: '`error` has the causes; the caller was answered 503 and retries.',
  },
  'message_id.conflicted': {
    level: 'WARNING',
    message: 'message_id conflicts',
    action: 'See _Who may do what_.',
  },
  'published_request.handled': {
    level: 'INFO',
    message: 'request from Pub/Sub: {outcome}',
  },
  'published_request.failed': {
    level: 'ERROR',
    message: 'accepting a request from Pub/Sub failed; it will be redelivered',
  },
  'dead_letter.handled': {
    level: 'INFO',
    message: 'dead letter: {outcome}',
  },
  'dead_letter.rejected': {
    level: 'ERROR',
    message: 'unsigned dead letter ignored: does TOKEN_HASH_KEY match, or does someone else publish to this topic?',
    action: 'See _The queue is signed_.',
  },
  'dead_letter.failed': {
    level: 'ERROR',
    message: 'settling a dead letter failed; it will be redelivered',
  },
  'sweep.finished': {
    level: 'INFO',
    levelNote: 'WARNING when incomplete, or with failed or lost messages; ERROR when `lostLeft` is above 0',
    message: 'swept sender {sender_id}',
    action: 'See _The sweep_.',
  },
  'sweep.failed': {
    level: 'ERROR',
    message: 'a sweep failed in part; the next run continues',
    action: '`error` has the causes.',
  },
} as const satisfies Readonly<Record<string, LogEventSpec>>;
export type LogEvent = keyof typeof LOG_EVENTS;
export type FailureEvent = Extract<LogEvent, `${string}.failed`>;
