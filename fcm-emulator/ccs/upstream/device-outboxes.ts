import type { Devices } from '../../devices/devices.ts';
import { DEFAULT_UPSTREAM_TTL_SECONDS, type UpstreamSpec } from '../../devices/upstream-message.ts';
import type { Random } from '../../time/random.ts';
import type { UpstreamBody } from '../stanzas/server-frame.ts';
import { newUpstreamMessage, type UpstreamMessage } from './upstream-message.ts';

const MAX_HELD_PER_DEVICE = 20; // protocol §8
const RECEIPT_ORIGIN = 'gcm.googleapis.com';

/** `held`: on the device, which is offline. `refused`: the device holds 20 already. */
export interface SubmitResult {
  readonly messageId: string;
  readonly state: 'queued' | 'held' | 'refused';
}

export interface DeviceOutboxesHost {
  readonly devices: Devices;
  readonly identifiers: Random;
  now(): number;
  queue(message: UpstreamMessage): void;
}

/** Where upstream messages and receipts originate. An offline device holds its messages until it is online. */
export class DeviceOutboxes {
  readonly #host: DeviceOutboxesHost;
  readonly #held = new Map<string, UpstreamMessage[]>();

  constructor(host: DeviceOutboxesHost) {
    this.#host = host;
  }

  clear(): void {
    this.#held.clear();
  }

  submit(spec: UpstreamSpec, sender: string): SubmitResult {
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
      this.#host.queue(message);
      return { messageId, state: 'queued' };
    }
    const held = this.#held.get(spec.from) ?? [];
    this.#held.set(spec.from, held);
    if (held.length >= MAX_HELD_PER_DEVICE) return { messageId, state: 'refused' };
    held.push(message);
    return { messageId, state: 'held' };
  }

  online(token: string): void {
    const held = this.#held.get(token) ?? [];
    this.#held.delete(token);
    for (const message of held) this.#host.queue(message);
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
    this.#host.queue(this.#message(sender, body, DEFAULT_UPSTREAM_TTL_SECONDS));
  }

  #message(sender: string, body: UpstreamBody, ttlSeconds: number): UpstreamMessage {
    return newUpstreamMessage(sender, body, { createdAt: this.#host.now(), ttlSeconds });
  }
}
