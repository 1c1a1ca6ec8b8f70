import type { DeliveryEvent } from './event.ts';
import type { MessageKey } from './ports.ts';
import type { MessageRecord, TerminalState } from './record.ts';

/** A message's document once it has settled: a whole record will do. */
export interface Settled extends Pick<MessageRecord, 'attempts' | 'error' | 'errorDescription'> {
  readonly state: TerminalState;
  readonly settledAtMs: number;
}

/**
 * The event of a terminal state. A message settles once, so sender, id and state name the fact: whoever announces it
 * again (a redelivery, a repeated DELETE) does so under the same `ce-id`, and a consumer can drop it.
 */
export const deliveryEvent = ({ senderId, messageId }: MessageKey, settled: Settled): DeliveryEvent => ({
  id: `${senderId}/${messageId}/${settled.state}`,
  type: `fcm.message.${settled.state}`,
  senderId,
  timeMs: settled.settledAtMs,
  data: {
    sender_id: senderId,
    message_id: messageId,
    state: settled.state,
    attempts: settled.attempts,
    ...(settled.error !== undefined && { error: settled.error }),
    ...(settled.errorDescription !== undefined && { error_description: settled.errorDescription }),
  },
});
