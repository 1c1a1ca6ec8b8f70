/** Nacks that ask for the message again (protocol §4): after one of them a further receipt is no duplicate. */
const ASKS_AGAIN: ReadonlySet<string> = new Set([
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'DEVICE_MESSAGE_RATE_EXCEEDED',
  'TOPICS_MESSAGE_RATE_EXCEEDED',
  'CONNECTION_DRAINING',
]);

export const asksAgain = (answer: string): boolean => ASKS_AGAIN.has(answer);

/**
 * CCS has taken the message: it acked it, had taken it before (the run provokes no other INVALID_JSON), or took it and
 * kept silent.
 */
const TAKEN: ReadonlySet<string> = new Set(['ack', 'INVALID_JSON', 'none']);

export const isTaken = (answer: string): boolean => TAKEN.has(answer);

/** The only refusal for good that the run provokes: of tokens that are not registered. */
export const REFUSAL = 'DEVICE_UNREGISTERED';
