import { readDeadLetter } from '../../relay/adapters/pubsub/dead-letter-reading.ts';
import { settleDead } from '../../relay/service/dead-letters/settle-dead.ts';
import { logDeadLetter, logFailure } from '../log.ts';
import { readEvent } from './published-event.ts';
import type { Services } from '../compose.ts';

/** A message on the dead-letter topic. Rejects when it should be redelivered. */
export async function onDeadLetterPublished(services: Services, event: unknown): Promise<void> {
  const startMs = performance.now();
  const { publishedAtMs, pubsubMessageId, ...dead } = readEvent(event);
  const letter = readDeadLetter(dead, services.topics, services.signers);
  const outcome = await settleDead(services, { ...letter, publishedAtMs }).catch((error: unknown) => {
    logFailure('dead_letter.failed', error);
    throw error;
  });
  logDeadLetter({ outcome, ms: Math.round(performance.now() - startMs), pubsubMessageId, letter });
}
