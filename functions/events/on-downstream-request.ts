import { acceptPublished, type PublishedOutcome } from '../../relay/service/requests/accept-published.ts';
import { logEvent, logFailure } from '../log.ts';
import { readEvent } from './published-event.ts';
import type { Services } from '../compose.ts';

/** A raw request from a Pub/Sub publisher. Rejects when it is to come again. */
export async function onRequestPublished(services: Services, event: unknown): Promise<void> {
  const startMs = performance.now();
  const { data, attributes, pubsubMessageId, publishedAtMs } = readEvent(event);
  const { sender_id: senderId } = attributes;
  const source = { senders: services.senders, origin: services.topics.requests };
  const published = { data, pubsubMessageId, publishedAtMs, attributes, ...(senderId !== undefined && { senderId }) };
  const taken = await acceptPublished(services, source, published).catch((error: unknown) => {
    logFailure('taking a request from Pub/Sub', error);
    throw error;
  });
  logEvent('onDownstreamRequest', {
    outcome: taken.outcome,
    ms: Math.round(performance.now() - startMs),
    pubsubMessageId,
    facts: factsOf(taken),
  });
}

function factsOf(taken: PublishedOutcome): Readonly<Record<string, string | number>> {
  switch (taken.outcome) {
    case 'accepted':
    case 'repeated':
    case 'conflict':
    case 'expired':
      return { message_id: taken.key.messageId };
    case 'refused':
      return {
        message_id: taken.key.messageId,
        faults: taken.errors.length,
        codes: [...new Set(taken.errors.map(({ code }) => code))].join(' '),
      };
    case 'deadLettered':
      return { reason: taken.reason };
  }
}
