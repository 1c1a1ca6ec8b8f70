import { z } from 'zod';
import { delaySchema } from './time/delay.ts';
import type { WireListener } from './net/wire-log.ts';

const milliseconds = z.number().min(0);
const port = z.int().min(0).max(65_535);

export const chunkSchema = z
  .object({ min: z.int().min(1), max: z.int().min(1) })
  .strict()
  .refine(({ min, max }) => min <= max, 'min must not be above max')
  .meta({ id: 'Chunk', description: 'Output is cut into pieces of so many bytes, each a TLS record of its own' });

/**
 * What may be changed while the server runs. Defaults: protocol §8 where it says a number, else our choice (README).
 */
export const settingsSchema = z
  .object({
    latencyMs: delaySchema.default(0).describe('from a message to its answer'),
    pendingLimit: z.int().min(1).default(100),
    overLimit: z
      .enum(['ignore', 'nack', 'close'])
      .default('ignore')
      .describe('what happens to the message past pendingLimit (protocol §5, open)'),
    upstreamWindow: z.int().min(1).default(100),
    upstreamDelayMs: milliseconds
      .default(100)
      .describe('from the binding, or from the result of the session that follows it, to the first upstream message'),
    connectionLimit: z.int().min(1).default(2_500),
    drainCloseMs: milliseconds.default(10_000).describe('from the control message to the close'),
    keepaliveMs: milliseconds.default(60_000).describe('a space so often on idle connections; 0: never'),
    gcmForm: z.enum(['prefixed', 'bare', 'mixed']).default('prefixed'),
    chunk: chunkSchema.nullable().default(null),
    unknownTokens: z
      .enum(['register', 'refuse'])
      .default('register')
      .describe('a plausible token nobody registered is a device, or BAD_REGISTRATION'),
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
      .describe('more to one topic is TOPICS_MESSAGE_RATE_EXCEEDED'),
  })
  .strict()
  .meta({ id: 'Settings' });

export type Settings = z.infer<typeof settingsSchema>;

/** Only at start. */
export const optionsSchema = z
  .object({
    host: z.string().min(1).default('127.0.0.1').describe('where the TLS ports listen'),
    port: port.default(0),
    testPort: port.optional(),
    controlPort: port.default(0),
    controlHost: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('where the remote control listens: it has no password'),
    controlNames: z
      .array(z.string().min(1))
      .default([])
      .describe('further names, with or without a port, that it is called by'),
    heartbeatMs: z.number().min(1).default(15_000).describe('a comment so often in the event stream'),
    senders: z
      .record(z.string(), z.string())
      .default({ 1234567890: 'server-key' })
      .describe('server keys by sender id'),
    seed: z.string().default('ccs'),
    directory: z.string().optional().describe('where the throw-away CA is kept'),
    tls: z
      .object({ certPath: z.string(), keyPath: z.string(), caPath: z.string() })
      .strict()
      .optional()
      .describe('a certificate of your own'),
    historyLimit: z.int().min(0).default(200_000).describe('records kept of each history; 0: none'),
    rememberedIds: z.int().min(1).default(200_000).describe('message ids known as received before, at least'),
    wire: z
      .custom<WireListener>((value) => typeof value === 'function')
      .optional()
      .describe('told of every stanza that comes and goes, clipped, without passwords'),
    loginTimeoutMs: milliseconds.default(30_000),
    maxStanzaLength: z.int().min(1_024).default(65_536),
    maxDepth: z.int().min(4).default(32),
    settings: settingsSchema.partial().optional(),
  })
  .strict();

export type FcmEmulatorOptions = z.input<typeof optionsSchema> & Partial<z.input<typeof settingsSchema>>;
export type ServerOptions = z.output<typeof optionsSchema>;
