import { readDeadLetter } from '../../relay/adapters/pubsub/dead-letter-reading.ts';
import { settleDead } from '../../relay/service/dead-letters/settle-dead.ts';
import { logDeadLetter, logFailure } from '../log.ts';
import { readEvent } from './published-event.ts';
import type { Relay } from '../compose.ts';

/** A message on the dead-letter topic. Rejects when it is to come again. */
export async function onDeadLetterPublished(relay: Relay, event: unknown): Promise<void> {
  const startMs = performance.now();
  const { publishedAtMs, pubsubMessageId, ...dead } = readEvent(event);
  const letter = readDeadLetter(dead, relay.topics, relay.seals);
  const outcome = await settleDead(relay, { ...letter, publishedAtMs }).catch((error: unknown) => {
    logFailure('settling a dead letter', error);
    throw error;
  });
  logDeadLetter({ outcome, ms: Math.round(performance.now() - startMs), pubsubMessageId, letter });
}
