import { readDeadLetter } from '../relay/adapters/pubsub/dead-letter-reading.ts';
import { settleDead, type Dead } from '../relay/core/intake-dead.ts';
import { logEvent, logFailure } from './log.ts';
import { readEvent, type PublishedEvent } from './published-event.ts';
import type { Relay } from './relay.ts';

/** A message on the dead-letter topic. Rejects when it is to come again. */
export async function onDeadLetterPublished(relay: Relay, event: unknown): Promise<void> {
  const startMs = performance.now();
  const published = readEvent(event);
  const dead = deadOf(relay, published);
  const outcome = await settleDead(relay, dead).catch((error: unknown) => {
    logFailure('settling a dead letter', error);
    throw error;
  });
  const facts = { message_id: dead.key?.messageId, reason: dead.reason };
  logEvent('onDeadLetter', { outcome, ms: Math.round(performance.now() - startMs), pubsubMessageId: published.pubsubMessageId, facts });
}

function deadOf({ senders, topics }: Relay, published: PublishedEvent): Dead {
  const { messageId, senderId, reason, detail } = readDeadLetter(published, topics);
  const { publishedAtMs } = published;
  if (messageId === undefined || senderId === undefined || !senders.includes(senderId)) return { reason, detail, publishedAtMs };
  return { key: { senderId, messageId }, reason, detail, publishedAtMs };
}
