import { z } from 'zod';
import type { UpstreamBody } from '../wire/frames.ts';
import type { Devices } from '../devices/devices.ts';
import type { Random } from '../time/random.ts';
import type { Upstream, UpstreamQueues } from './upstream.ts';

const DEFAULT_TTL_SECONDS = 86_400; // as captured (protocol §2)
const MAX_QUEUED_ON_DEVICE = 20; // protocol §8
const RECEIPT_ORIGIN = 'gcm.googleapis.com';

/** What a device is told to send. */
export const upstreamSchema = z
  .object({
    from: z.string().min(1).describe('the token of the device'),
    category: z.string().default('com.example.app'),
    data: z
      .unknown()
      .optional()
      .describe('an object, by the protocol; anything, to see what the app server makes of it'),
    messageId: z.string().min(1).optional(),
    timeToLive: z.int().min(0).default(DEFAULT_TTL_SECONDS),
    sender: z.string().optional().describe('whose app it is; the first configured sender, if not said'),
    extra: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('further fields of the JSON, e.g. an unknown message_type'),
  })
  .strict()
  .meta({ id: 'Upstream' });

export type UpstreamSpec = z.infer<typeof upstreamSchema>;
export type UpstreamInput = z.input<typeof upstreamSchema>;

/** `held`: on the device, which is offline; `refused`: the device holds 20 already. */
export interface UpstreamResult {
  readonly messageId: string;
  readonly state: 'queued' | 'held' | 'refused';
}

export interface UpstreamDeskHost {
  readonly devices: Devices;
  readonly queues: UpstreamQueues;
  readonly identifiers: Random;
  now(): number;
}

/** Where upstream messages and receipts are made, and wait on a device that is offline. */
export class UpstreamDesk {
  readonly #host: UpstreamDeskHost;
  readonly #held = new Map<string, Upstream[]>();

  constructor(host: UpstreamDeskHost) {
    this.#host = host;
  }

  clear(): void {
    this.#held.clear();
  }

  submit(spec: UpstreamSpec, sender: string): UpstreamResult {
    const messageId = spec.messageId ?? this.#host.identifiers.hex(16);
    const body: UpstreamBody = {
      ...(spec.data === undefined ? {} : { data: spec.data }),
      time_to_live: spec.timeToLive,
      from: spec.from,
      message_id: messageId,
      category: spec.category,
      ...spec.extra,
    };
    const message = this.#message(sender, body, spec.timeToLive);
    if (this.#host.devices.get(spec.from)?.spec.online !== false) {
      this.#host.queues.add(message);
      return { messageId, state: 'queued' };
    }
    const held = this.#held.get(spec.from) ?? [];
    this.#held.set(spec.from, held);
    if (held.length >= MAX_QUEUED_ON_DEVICE) return { messageId, state: 'refused' };
    held.push(message);
    return { messageId, state: 'held' };
  }

  online(token: string): void {
    const held = this.#held.get(token) ?? [];
    this.#held.delete(token);
    for (const message of held) this.#host.queues.add(message);
  }

  /** "Message sent to device" (protocol §6, older documents). */
  receipt(sender: string, originalId: string, token: string): void {
    const data = {
      message_status: 'MESSAGE_SENT_TO_DEVICE',
      original_message_id: originalId,
      device_registration_id: token,
      message_sent_timestamp: String(this.#host.now()),
    };
    const body: UpstreamBody = {
      data,
      time_to_live: 0,
      from: RECEIPT_ORIGIN,
      message_type: 'receipt',
      message_id: `dr2:${originalId}`,
    };
    this.#host.queues.add(this.#message(sender, body, DEFAULT_TTL_SECONDS));
  }

  #message(sender: string, body: UpstreamBody, ttlSeconds: number): Upstream {
    const createdAt = this.#host.now();
    return {
      sender,
      from: body.from,
      messageId: body.message_id,
      body,
      createdAt,
      expiresAt: createdAt + ttlSeconds * 1_000,
      state: 'waiting',
      sends: [],
      ackedOn: undefined,
      foreignAcks: [],
    };
  }
}
