import { z } from 'zod';

export const DEFAULT_UPSTREAM_TTL_SECONDS = 86_400; // as captured (protocol §2)

/** An upstream message for a device to send. */
export const upstreamSchema = z
  .object({
    from: z.string().min(1).describe("the device's token"),
    category: z.string().default('com.example.app'),
    data: z
      .unknown()
      .optional()
      .describe('an object according to the protocol; any other value tests how the app server copes'),
    messageId: z.string().min(1).optional(),
    timeToLive: z.int().min(0).default(DEFAULT_UPSTREAM_TTL_SECONDS),
    sender: z.string().optional().describe('the sender the app belongs to; default: the first configured one'),
    extra: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('further fields of the JSON, e.g. an unknown message_type'),
  })
  .strict()
  .meta({ id: 'Upstream' });

export type UpstreamSpec = z.infer<typeof upstreamSchema>;
export type UpstreamInput = z.input<typeof upstreamSchema>;
