import type { Events } from '../../history/events.ts';
import { keyOf, type UpstreamMessage } from './upstream-message.ts';

export type StrayAck = 'repeated' | 'foreign';

const zero = () => ({
  queued: 0,
  sent: 0,
  redelivered: 0,
  acked: 0,
  expired: 0,
  foreignAcks: 0,
  repeatedAcks: 0,
  badAcks: 0,
});

export interface RecordsHost {
  readonly events: Events;
  readonly historyLimit: number;
  now(): number;
}

/** The record of upstream messages, and the counters over all of them. */
export class UpstreamRecords {
  readonly counters = zero();
  readonly #host: RecordsHost;
  readonly #messages = new Map<string, UpstreamMessage>();

  constructor(host: RecordsHost) {
    this.#host = host;
  }

  list(): UpstreamMessage[] {
    const now = this.#host.now();
    for (const message of this.#messages.values())
      if (message.state === 'waiting' && message.expiresAt <= now) this.expired(message);
    return [...this.#messages.values()];
  }

  clear(): void {
    this.#messages.clear();
    Object.assign(this.counters, zero());
  }

  queued(message: UpstreamMessage): void {
    this.#messages.set(keyOf(message.from, message.messageId), message);
    this.#forget();
    this.counters.queued += 1;
  }

  sent(message: UpstreamMessage, connection: string): void {
    if (message.sends.length > 0) this.counters.redelivered += 1;
    this.counters.sent += 1;
    message.state = 'sent';
    message.sends.push({ connection, at: this.#host.now() });
    this.#host.events.emit(() => ({ type: 'upstreamSent', connection, messageId: message.messageId }));
  }

  acked(message: UpstreamMessage, connection: string): void {
    message.state = 'acked';
    message.ackedOn = connection;
    this.counters.acked += 1;
    this.#host.events.emit(() => ({ type: 'upstreamAcked', connection, messageId: message.messageId }));
  }

  /** An ack for a message that is not un-acked on this connection. */
  strayAck(connection: string, from: string, messageId: string): StrayAck {
    const message = this.#messages.get(keyOf(from, messageId));
    if (message?.ackedOn === connection) {
      this.counters.repeatedAcks += 1;
      return 'repeated';
    }
    message?.foreignAcks.push(connection);
    this.counters.foreignAcks += 1;
    this.#host.events.emit(() => ({ type: 'foreignAck', connection, messageId }));
    return 'foreign';
  }

  badAck(): void {
    this.counters.badAcks += 1;
  }

  expired(message: UpstreamMessage): void {
    if (message.state === 'expired') return;
    message.state = 'expired';
    this.counters.expired += 1;
    this.#host.events.emit(() => ({ type: 'upstreamExpired', messageId: message.messageId }));
  }

  /** Drops the oldest past the limit, but none that is still in flight. */
  #forget(): void {
    for (const [key, { state }] of this.#messages) {
      if (this.#messages.size <= this.#host.historyLimit || state === 'waiting' || state === 'sent') return;
      this.#messages.delete(key);
    }
  }
}
