import { acceptPublished, type PublishedOutcome } from '../../relay/service/requests/accept-published.ts';
import { logPublishedRequest, logFailure } from '../log.ts';
import { readEvent } from './published-event.ts';
import type { Services } from '../compose.ts';

/** A raw request from a Pub/Sub publisher. Rejects when it should be redelivered. */
export async function onRequestPublished(services: Services, event: unknown): Promise<void> {
  const startMs = performance.now();
  const { data, attributes, pubsubMessageId, publishedAtMs } = readEvent(event);
  const { sender_id: senderId } = attributes;
  const source = { senders: services.senders, origin: services.topics.requests };
  const published = { data, pubsubMessageId, publishedAtMs, attributes, ...(senderId !== undefined && { senderId }) };
  const handled = await acceptPublished(services, source, published).catch((error: unknown) => {
    logFailure('published_request.failed', error);
    throw error;
  });
  logPublishedRequest({
    outcome: handled.outcome,
    ms: Math.round(performance.now() - startMs),
    pubsubMessageId,
    facts: factsOf(handled),
  });
}

function factsOf(handled: PublishedOutcome): Readonly<Record<string, string | number>> {
  switch (handled.outcome) {
    case 'accepted':
    case 'repeated':
    case 'conflict':
    case 'expired':
      return { message_id: handled.key.messageId };
    case 'refused':
      return {
        message_id: handled.key.messageId,
        faults: handled.errors.length,
        codes: [...new Set(handled.errors.map(({ code }) => code))].join(' '),
      };
    case 'deadLettered':
      return { reason: handled.reason };
  }
}
