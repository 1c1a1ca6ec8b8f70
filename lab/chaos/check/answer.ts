/** Nacks that ask for a retry (protocol §4): a receipt after one of them is no duplicate. */
const ASKS_AGAIN: ReadonlySet<string> = new Set([
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'DEVICE_MESSAGE_RATE_EXCEEDED',
  'TOPICS_MESSAGE_RATE_EXCEEDED',
  'CONNECTION_DRAINING',
]);

export const asksAgain = (answer: string): boolean => ASKS_AGAIN.has(answer);

/**
 * Answers after which FCM has the message: it acked it, had it before (the run provokes no other INVALID_JSON), or took
 * it without an answer.
 */
const TAKEN: ReadonlySet<string> = new Set(['ack', 'INVALID_JSON', 'none']);

export const isTaken = (answer: string): boolean => TAKEN.has(answer);

/** The only permanent refusal that the run provokes, of tokens that are not registered. */
export const REFUSAL = 'DEVICE_UNREGISTERED';
