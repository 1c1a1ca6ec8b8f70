import type { DownstreamMessage } from './message.ts';

/**
 * What stands in the Pub/Sub queue between the functions and the worker: JSON
 * `{"v":1,"sender_id":"…","accepted_at":<ms since 1970>,"message":{…}}`. A version that we do not know is dead-lettered.
 */
export interface QueuedMessage {
  readonly senderId: string;
  /** Milliseconds since 1970. `time_to_live` counts from here. */
  readonly acceptedAtMs: number;
  readonly message: DownstreamMessage;
}

export const QUEUE_VERSION = 1;
