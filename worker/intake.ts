import type { DeadLetters } from '../relay/core/ports.ts';
import type { LaneSource, PulledMessage } from '../relay/adapters/pubsub/lane-source.ts';
import type { Priority } from '../relay/protocol/message.ts';
import { decodeQueued } from '../relay/protocol/queued.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Pump } from './pump.ts';

export interface Lane {
  readonly priority: Priority;
  readonly subscription: string;
  readonly source: LaneSource;
}

export interface IntakeParts {
  readonly senderId: string;
  readonly pump: Pump;
  readonly deadLetters: DeadLetters;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Takes what a lane yields: good messages to the pump, poison to the dead-letter topic. */
export function takeFrom(lane: Lane, parts: IntakeParts): void {
  lane.source.start((message) => {
    parts.metrics.pulled(lane.priority);
    const decoded = decodeQueued(message.data);
    if (!decoded.ok) void bury(message, lane, decoded, parts);
    else if (decoded.value.senderId !== parts.senderId) {
      // Without its id: the message that lives under that id, of whichever sender, is another one and must not be marked dead.
      void bury(message, lane, { reason: 'WRONG_SENDER', detail: `this queue is for sender ${parts.senderId}` }, parts);
    } else parts.pump.pulled(message, lane.priority, decoded.value);
  });
}

interface Poison {
  readonly reason: string;
  readonly detail: string;
  readonly messageId?: string;
}

/** Its lease is acked only when the dead-letter topic has it. */
async function bury(message: PulledMessage, lane: Lane, poison: Poison, { senderId, deadLetters, log, metrics }: IntakeParts): Promise<void> {
  const { reason, detail, messageId } = poison;
  const fields = { reason, detail, message_id: messageId, subscription: lane.subscription, bytes: message.data.length };
  try {
    await deadLetters.put({ payload: message.data, reason, detail, origin: lane.subscription, senderId, ...(messageId !== undefined && { messageId }) });
    message.ack();
    metrics.poisoned(reason);
    log.warning('unusable queue message put into the dead-letter topic', fields);
  } catch {
    message.nack(); // Pub/Sub keeps it and hands it out again
    metrics.anomaly('deadLetterFailed');
    log.error('an unusable queue message could not be put into the dead-letter topic; Pub/Sub will hand it out again', fields);
  }
}
