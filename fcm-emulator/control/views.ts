import { z } from 'zod';
import { deviceSchema } from '../devices/devices.ts';
import { ruleSchema } from '../faults/rules.ts';

/** The answers of the control API, for OpenAPI and the typed client. */
const count = z.int().min(0);
const at = z.number().describe('ms since the epoch');

export const connectionSchema = z
  .object({
    id: z.string(),
    sender: z.string().describe('empty until the client has logged in'),
    state: z.enum([
      'opening',
      'authenticating',
      'restarting',
      'binding',
      'bound',
      'draining',
      'ending',
      'halfOpen',
      'closed',
    ]),
    draining: z.boolean(),
    openedAt: at,
    pending: count.describe('downstream messages without an answer'),
    highestPending: count.describe('highest number ever pending on it'),
    unackedUpstream: count,
    received: count.describe('message stanzas from the client'),
    sent: count.describe('stanzas to the client'),
  })
  .meta({ id: 'Connection' });

export const statsSchema = z
  .object({
    connections: z.object({
      opened: count,
      closed: count,
      open: count,
      authRefused: count,
      highestPending: count.describe('highest number ever pending on any connection'),
    }),
    downstream: z.object({
      received: count,
      acked: count,
      accepted: count.describe('each message id once'),
      stanzaErrors: count,
      unanswered: count,
      pastPendingLimit: count.describe('received while the connection was at its pending limit'),
      whileDraining: count,
      nacked: z.record(z.string(), count),
    }),
    upstream: z.object({
      queued: count,
      sent: count,
      redelivered: count,
      acked: count,
      expired: count,
      foreignAcks: count,
      repeatedAcks: count,
      badAcks: count,
    }),
    process: z.object({ cpuMs: z.number(), rssBytes: count, heapBytes: count }),
  })
  .meta({ id: 'Stats' });

export const messageSchema = z
  .object({
    messageId: z.string().describe('empty if it had none'),
    connection: z.string(),
    at,
    json: z.string(),
    answer: z.string().describe('ack, a nack code, "stanza error" or "none"'),
  })
  .meta({ id: 'Message' });

export const messageCountsSchema = z
  .record(z.string(), z.object({ received: count, acked: count }))
  .meta({ id: 'MessageCounts' });

export const receivedSchema = z
  .object({
    token: z.string(),
    kind: z.enum(['message', 'deletedMessages']),
    at,
    messageId: z.string(),
    from: z.string(),
    data: z.record(z.string(), z.string()).optional(),
    notification: z.record(z.string(), z.unknown()).optional(),
    collapseKey: z.string().optional(),
    priority: z.enum(['normal', 'high']).optional(),
  })
  .meta({ id: 'Received' });

export const upstreamStateSchema = z
  .object({
    sender: z.string(),
    from: z.string(),
    messageId: z.string(),
    state: z.enum(['waiting', 'sent', 'acked', 'expired']),
    sends: z.array(z.object({ connection: z.string(), at })),
    ackedOn: z.string().optional(),
    foreignAcks: z.array(z.string()).describe('connections that acked it, but were not sent it'),
  })
  .meta({ id: 'UpstreamState' });

export const upstreamResultSchema = z
  .object({ messageId: z.string(), state: z.enum(['queued', 'held', 'refused']) })
  .meta({ id: 'UpstreamResult' });
export const deviceStateSchema = deviceSchema
  .extend({ token: z.string(), topics: z.array(z.string()), stored: count })
  .meta({ id: 'DeviceState' });
export const ruleStateSchema = z
  .object({ id: z.string(), rule: ruleSchema, seen: count, applied: count })
  .meta({ id: 'RuleState' });
export const problemSchema = z.object({ error: z.string() }).meta({ id: 'Problem' });

export type Connection = z.infer<typeof connectionSchema>;
export type Stats = z.infer<typeof statsSchema>;
export type Message = z.infer<typeof messageSchema>;
export type MessageCounts = z.infer<typeof messageCountsSchema>;
export type Received = z.infer<typeof receivedSchema>;
export type UpstreamState = z.infer<typeof upstreamStateSchema>;
export type UpstreamResult = z.infer<typeof upstreamResultSchema>;
export type DeviceState = z.infer<typeof deviceStateSchema>;
export type RuleState = z.infer<typeof ruleStateSchema>;
