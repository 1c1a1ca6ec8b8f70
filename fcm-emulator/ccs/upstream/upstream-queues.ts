import { Fifo } from '../../collections/fifo.ts';
import type { Session } from '../session/session.ts';
import { keyOf, type UpstreamMessage } from './upstream-message.ts';
import type { StrayAck, UpstreamRecords } from './upstream-records.ts';

/** One connection's share of its sender's upstream messages. */
interface Window {
  readonly session: Session;
  readonly unacked: Map<string, UpstreamMessage>;
  started: boolean; // see upstream-start.ts
  readonly redeliver: Fifo<UpstreamMessage>; // lost with the connection before this one (protocol §6)
}

interface SenderQueue {
  readonly windows: Window[];
  readonly fresh: Fifo<UpstreamMessage>;
  lost: UpstreamMessage[]; // un-acked when their connection closed: for the next new connection, not an existing one
  turn: number;
}

export interface UpstreamQueuesHost {
  readonly records: UpstreamRecords;
  now(): number;
  /** How many un-acked messages a connection may hold. */
  windowSize(): number;
}

/**
 * Messages from devices to the app server: window, redelivery, acks per connection (protocol §5, §6). Both ports share
 * them (§8).
 */
export class UpstreamQueues {
  readonly #host: UpstreamQueuesHost;
  readonly #senders = new Map<string, SenderQueue>();
  readonly #windows = new Map<Session, Window>();

  constructor(host: UpstreamQueuesHost) {
    this.#host = host;
  }

  unacked(session: Session): number {
    return this.#windows.get(session)?.unacked.size ?? 0;
  }

  clear(): void {
    for (const queue of this.#senders.values()) {
      while (queue.fresh.take() !== undefined);
      queue.lost = [];
      for (const window of queue.windows) {
        window.unacked.clear();
        while (window.redeliver.take() !== undefined);
      }
    }
  }

  add(message: UpstreamMessage): void {
    this.#host.records.queued(message);
    this.#queueOf(message.sender).fresh.add(message);
    this.#pump(message.sender);
  }

  /** The new connection inherits the lost messages; nothing is sent on it before `start`. */
  connected(session: Session): void {
    const queue = this.#queueOf(session.senderId);
    const window: Window = { session, unacked: new Map(), started: false, redeliver: new Fifo() };
    for (const message of queue.lost) window.redeliver.add(message);
    queue.lost = [];
    queue.windows.push(window);
    this.#windows.set(session, window);
  }

  start(session: Session): void {
    const window = this.#windows.get(session);
    if (window === undefined) return;
    window.started = true;
    this.#redeliver(window);
    this.#pump(session.senderId);
  }

  lost(session: Session): void {
    const queue = this.#queueOf(session.senderId);
    const window = this.#windows.get(session);
    if (window === undefined) return;
    this.#windows.delete(session);
    queue.windows.splice(queue.windows.indexOf(window), 1);
    for (const message of window.unacked.values()) {
      message.state = 'waiting';
      queue.lost.push(message);
    }
    for (let message = window.redeliver.take(); message !== undefined; message = window.redeliver.take())
      queue.lost.push(message);
  }

  /** An ack counts only on the connection that its message was last sent on. */
  ack(session: Session, to: string, messageId: string): 'acked' | StrayAck {
    const key = keyOf(to, messageId);
    const window = this.#windows.get(session);
    const message = window?.unacked.get(key);
    if (window === undefined || message === undefined) return this.#host.records.strayAck(session.id, to, messageId);
    window.unacked.delete(key);
    this.#host.records.acked(message, session.id);
    this.#redeliver(window);
    this.#pump(session.senderId);
    return 'acked';
  }

  /** Sends what fits the windows. */
  pump(): void {
    for (const window of this.#windows.values()) this.#redeliver(window);
    for (const sender of this.#senders.keys()) this.#pump(sender);
  }

  #redeliver(window: Window): void {
    while (this.#hasRoom(window) && this.#send(window, window.redeliver.take()));
  }

  /** Spreads a sender's new messages over its connections in turn. */
  #pump(sender: string): void {
    const queue = this.#queueOf(sender);
    for (let idle = 0; idle < queue.windows.length && queue.fresh.size > 0;) {
      const window = queue.windows[queue.turn % queue.windows.length];
      queue.turn += 1;
      if (window !== undefined && this.#hasRoom(window) && this.#send(window, queue.fresh.take())) idle = 0;
      else idle += 1;
    }
  }

  #hasRoom({ session, started, unacked }: Window): boolean {
    return (
      started && unacked.size < this.#host.windowSize() && (session.state === 'bound' || session.state === 'draining')
    );
  }

  /** False when there was nothing to send. */
  #send({ session, unacked }: Window, message: UpstreamMessage | undefined): boolean {
    if (message === undefined) return false;
    if (message.expiresAt <= this.#host.now()) {
      this.#host.records.expired(message);
      return true;
    }
    unacked.set(keyOf(message.from, message.messageId), message);
    session.send({ kind: 'upstream', to: session.upstreamAddress, body: message.body });
    this.#host.records.sent(message, session.id);
    return true;
  }

  #queueOf(sender: string): SenderQueue {
    let queue = this.#senders.get(sender);
    if (queue === undefined) this.#senders.set(sender, (queue = { windows: [], fresh: new Fifo(), lost: [], turn: 0 }));
    return queue;
  }
}
