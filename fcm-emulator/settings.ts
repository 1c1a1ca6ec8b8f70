import { z } from 'zod';
import { delaySchema } from './time/delay.ts';

export const millisecondsSchema = z.number().min(0);

export const chunkSchema = z
  .object({ min: z.int().min(1), max: z.int().min(1) })
  .strict()
  .refine(({ min, max }) => min <= max, 'min must not be above max')
  .meta({ id: 'Chunk', description: 'Output is cut into pieces of min to max bytes, each a TLS record of its own' });

/** Can be changed at run time. Defaults: from protocol §8 where it gives a number, else our choice (README). */
export const settingsSchema = z
  .object({
    latencyMs: delaySchema.default(0).describe('from a message to its answer'),
    pendingLimit: z.int().min(1).default(100),
    overLimit: z
      .enum(['ignore', 'nack', 'close'])
      .default('ignore')
      .describe('what to do with a message past pendingLimit (protocol §5, open)'),
    upstreamWindow: z.int().min(1).default(100),
    upstreamDelayMs: millisecondsSchema
      .default(100)
      .describe('from the bind result, or the session result if one follows, to the first upstream message'),
    connectionLimit: z.int().min(1).default(2_500),
    drainCloseMs: millisecondsSchema.default(10_000).describe('from the control message to the close'),
    keepaliveMs: millisecondsSchema
      .default(60_000)
      .describe('interval of the white-space keepalive on every connection; 0: never'),
    gcmForm: z.enum(['prefixed', 'bare', 'mixed']).default('prefixed'),
    chunk: chunkSchema.nullable().default(null),
    unknownTokens: z
      .enum(['register', 'refuse'])
      .default('register')
      .describe('whether a well-formed unknown token is a device, or BAD_REGISTRATION'),
    receipts: z.boolean().default(false).describe('delivery receipts (protocol §6)'),
    rateLimits: z
      .boolean()
      .default(false)
      .describe('240 a minute and 5 000 an hour to one device, and the collapsible burst (protocol §8)'),
    topicRatePerMinute: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('more messages to one topic are TOPICS_MESSAGE_RATE_EXCEEDED'),
  })
  .strict()
  .meta({ id: 'Settings' });

export type Settings = z.infer<typeof settingsSchema>;
