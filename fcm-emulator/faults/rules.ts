import { z } from 'zod';
import { delaySchema } from '../time/delay.ts';

const connectionFault = {
  when: z.enum(['before', 'after']).default('before').describe('before the answer is sent (it is lost), or after'),
  accept: z
    .boolean()
    .default(true)
    .describe('whether the message counts as received and is delivered, which makes a resend a duplicate'),
};

export const faultSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('nack'), error: z.string().min(1), description: z.string().default('') }).strict(),
    z
      .object({
        kind: z.literal('stanzaError'),
        code: z.string().default('400'),
        type: z.string().default('modify'),
        condition: z
          .string()
          .regex(/^[a-z-]+$/)
          .default('bad-request'),
        text: z.string().default(''),
      })
      .strict(),
    z
      .object({
        kind: z.literal('canonical'),
        registrationId: z.string().min(1).describe('registration_id on the ack'),
      })
      .strict(),
    z.object({ kind: z.literal('delay'), delay: delaySchema }).strict(),
    z
      .object({
        kind: z.literal('shuffle'),
        windowMs: z.number().min(1).describe('answers come in random order within this window'),
      })
      .strict(),
    z.object({ kind: z.literal('silence'), accept: z.boolean().default(true) }).strict(),
    z.object({ kind: z.literal('repeat'), times: z.int().min(2).max(100).default(2) }).strict(),
    z.object({ kind: z.literal('close'), ...connectionFault }).strict(),
    z.object({ kind: z.literal('reset'), ...connectionFault }).strict(),
    z.object({ kind: z.literal('halfOpen'), ...connectionFault }).strict(),
    z
      .object({ kind: z.literal('drain'), ...connectionFault, when: z.enum(['before', 'after']).default('after') })
      .strict(),
    z
      .object({ kind: z.literal('refuseAuth') })
      .strict()
      .describe('at login; can match on sender only'),
  ])
  .meta({ id: 'Fault' });

export const matchSchema = z
  .object({
    token: z.string().optional(),
    topic: z.string().optional().describe('without /topics/'),
    messageId: z.string().optional(),
    messageIdPrefix: z.string().optional(),
    sender: z.string().optional(),
    connection: z.string().optional(),
    collapseKey: z.string().optional(),
    share: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('fraction of the otherwise matching traffic, drawn from the seed'),
  })
  .strict()
  .meta({ id: 'Match' });

/** A fault, and the traffic it applies to. */
export const ruleSchema = z
  .object({
    match: matchSchema.default({}),
    fault: faultSchema,
    skip: z.int().min(0).default(0).describe('spares this many matches first'),
    times: z.int().min(1).optional().describe('applies at most this often'),
    timesPerMessage: z.int().min(1).optional().describe('applies at most this often to any one message_id'),
    forMs: z.number().min(1).optional().describe('expires this long after it was added'),
  })
  .strict()
  .meta({ id: 'Rule' });

export type Fault = z.infer<typeof faultSchema>;
export type Rule = z.infer<typeof ruleSchema>;
export type RuleInput = z.input<typeof ruleSchema>;
