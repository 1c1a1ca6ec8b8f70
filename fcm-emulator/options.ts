import { z } from 'zod';
import type { WireListener } from './history/wire-entry.ts';
import { millisecondsSchema, settingsSchema, type Settings } from './settings.ts';

const port = z.int().min(0).max(65_535);

/** Fixed at start. */
export const optionsSchema = z
  .object({
    host: z.string().min(1).default('127.0.0.1').describe('address of the TLS ports'),
    port: port.default(0),
    testPort: port.optional(),
    controlPort: port.default(0),
    controlHost: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('address of the control API, which has no authentication'),
    controlNames: z
      .array(z.string().min(1))
      .default([])
      .describe('further host names, with or without a port, that the control API is reached by'),
    heartbeatMs: z.number().min(1).default(15_000).describe('interval of comments in the event stream'),
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
      .describe('your own certificate'),
    historyLimit: z.int().min(0).default(200_000).describe('records kept in each history; 0: none'),
    rememberedIds: z.int().min(1).default(200_000).describe('how many message ids are at least remembered as received'),
    wire: z
      .custom<WireListener>((value) => typeof value === 'function')
      .optional()
      .describe('called with every stanza sent or received, truncated, without passwords'),
    loginTimeoutMs: millisecondsSchema.default(30_000),
    maxStanzaLength: z.int().min(1_024).default(65_536),
    maxDepth: z.int().min(4).default(32),
    settings: settingsSchema.partial().optional(),
  })
  .strict();

/** Settings may stand beside the options. */
export type FcmEmulatorOptions = z.input<typeof optionsSchema> & Partial<z.input<typeof settingsSchema>>;
export type ServerOptions = z.output<typeof optionsSchema>;

export function readOptions(input: FcmEmulatorOptions): {
  readonly options: ServerOptions;
  readonly settings: Settings;
} {
  const names = Object.keys(settingsSchema.shape);
  const [settings, rest]: [Record<string, unknown>, Record<string, unknown>] = [{ ...input.settings }, {}];
  for (const [name, value] of Object.entries(input)) (names.includes(name) ? settings : rest)[name] = value;
  return { options: optionsSchema.parse(rest), settings: settingsSchema.parse(settings) };
}
