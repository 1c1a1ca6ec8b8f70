import { Ring } from '../collections/ring.ts';
import type { Events } from '../history/events.ts';
import type { Settings } from '../settings.ts';
import type { Schedule } from '../time/schedule.ts';
import type { Devices } from './devices.ts';
import type { Stored } from './mailbox.ts';
import type { DownstreamMessage } from './message.ts';
import { CollapsibleBurst, RateWindow } from './rates.ts';

/** What a device received. `deletedMessages`: it was told that its stored messages were dropped. */
export interface Received {
  readonly token: string;
  readonly kind: 'message' | 'deletedMessages';
  readonly at: number;
  readonly messageId: string;
  readonly from: string;
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly notification?: Readonly<Record<string, unknown>> | undefined;
  readonly collapseKey?: string | undefined;
  readonly priority?: 'normal' | 'high' | undefined;
}

export interface DeliveryHost {
  readonly devices: Devices;
  readonly events: Events;
  readonly schedule: Schedule;
  readonly historyLimit: number;
  settings(): Settings;
  now(): number;
  /** A message has reached a device (protocol §6: receipts). */
  delivered(stored: Stored, token: string): void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Delivers to devices: at once to those online, to others through their mailboxes. */
export class Delivery {
  readonly #host: DeliveryHost;
  readonly #received: Ring<Received>;
  readonly #perMinute = new RateWindow(240, MINUTE_MS);
  readonly #perHour = new RateWindow(5_000, HOUR_MS);
  readonly #burst = new CollapsibleBurst();

  constructor(host: DeliveryHost) {
    this.#host = host;
    this.#received = new Ring(host.historyLimit);
  }

  received(token?: string): Received[] {
    return [...this.#received].filter((one) => token === undefined || one.token === token);
  }

  clear(): void {
    this.#received.clear();
    this.#perMinute.clear();
    this.#perHour.clear();
    this.#burst.clear();
  }

  /** Counts a message against the device's rate (protocol §8); false when that is exceeded. */
  withinRate(token: string): boolean {
    if (!this.#host.settings().rateLimits) return true;
    const now = this.#host.now();
    return this.#perMinute.take(token, now) && this.#perHour.take(token, now);
  }

  deliver(message: DownstreamMessage, sender: string, tokens: readonly string[]): void {
    const stored: Stored = { message, sender, expiresAt: this.#host.now() + message.ttlSeconds * 1_000 };
    for (const token of tokens) this.#deliverTo(token, stored);
  }

  /** The device has come online: delivers its mailbox. */
  online(token: string): void {
    const { messages, deleted } = this.#host.devices.get(token)?.mailbox.take(this.#host.now()) ?? {
      messages: [],
      deleted: false,
    };
    if (deleted)
      this.#received.add({ token, kind: 'deletedMessages', at: this.#host.now(), messageId: '', from: 'gcm' });
    for (const stored of messages) this.#handOver(token, stored);
  }

  #deliverTo(token: string, stored: Stored): void {
    const device = this.#host.devices.get(token);
    if (device?.spec.online === false) {
      if (stored.message.ttlSeconds > 0) device.mailbox.store(stored); // 0: now or never
      return;
    }
    const waitMs =
      this.#host.settings().rateLimits && stored.message.collapseKey !== undefined
        ? this.#burst.take(token, this.#host.now())
        : 0;
    if (waitMs === 0) return this.#handOver(token, stored);
    this.#host.schedule.after(waitMs, () => {
      if (stored.expiresAt > this.#host.now()) this.#deliverTo(token, stored);
    });
  }

  #handOver(token: string, stored: Stored): void {
    const { message, sender } = stored;
    const { collapseKey, priority, messageId, notification } = message;
    // FCM's own value wins over a data key of the same name (protocol §3).
    const data =
      message.data === undefined || collapseKey === undefined || !('collapse_key' in message.data)
        ? message.data
        : { ...message.data, collapse_key: collapseKey };
    this.#received.add({
      token,
      kind: 'message',
      at: this.#host.now(),
      messageId,
      from: sender,
      data,
      notification,
      collapseKey,
      priority,
    });
    this.#host.events.emit(() => ({ type: 'delivered', token, messageId }));
    this.#host.delivered(stored, token);
  }
}
