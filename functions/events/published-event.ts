import { z } from 'zod';

/** A Pub/Sub message as delivered by an event. One with attributes only has no data. */
const EVENT = z.object({
  data: z.object({
    message: z.object({
      data: z.string().nullish(),
      attributes: z.record(z.string(), z.string()).nullish(),
      messageId: z.string(),
      publishTime: z.string(),
    }),
  }),
});

export interface PublishedEvent {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly pubsubMessageId: string;
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
}

/** Throws on anything else: only the platform calls, so it would be a broken platform. */
export function readEvent(event: unknown): PublishedEvent {
  const { data, attributes, messageId, publishTime } = EVENT.parse(event).data.message;
  return {
    data: Buffer.from(data ?? '', 'base64'),
    attributes: attributes ?? {},
    pubsubMessageId: messageId,
    publishedAtMs: Date.parse(publishTime),
  };
}
