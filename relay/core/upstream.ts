import type { ReceiptFrame, UpstreamFrame } from '../protocol/frame.ts';
import { encodeUpstreamAck } from '../protocol/encode.ts';
import type { Agenda } from './agenda.ts';
import { backoffMs } from './backoff.ts';
import type { RelayConfig } from './config.ts';
import type { Connection } from './connection.ts';
import type { RelayEvent } from './event.ts';
import type { KeyedHash } from './token-hash.ts';
import type { Shared } from './shared.ts';
import type { Turn } from './turn.ts';

/** What comes from a device and is acked: a message, or a receipt. */
type FromDevice = UpstreamFrame | ReceiptFrame;

interface Publishing {
  readonly frame: FromDevice;
  /** Counted on the connection where it came in first. */
  readonly length: number;
  readonly countedOn: Connection;
  readonly event: RelayEvent;
  /** Where it came in, and came in again, meanwhile: an ack counts only there (protocol §6). */
  readonly connections: Set<Connection>;
  failures: number;
}

/** A token and an id are some 200 characters; `upstreamMemory` counts keys, whatever their length. */
const LONGEST_REMEMBERED = 1_024;

interface Received {
  readonly connection: Connection;
  readonly frame: FromDevice;
  readonly length: number;
}

/** Upstream messages: published, then acked, on the connection each came in on. A repeat that was seen here is only acked. */
export class Upstream {
  readonly #config: RelayConfig;
  readonly #turn: Turn;
  readonly #agenda: Agenda;
  readonly #hash: KeyedHash;
  readonly #publishing = new Map<string, Publishing>();
  /** In the order of publication, the oldest are forgotten first. */
  readonly #published = new Set<string>();
  /** Stands at the oldest: a new iterator would walk past all that were deleted before it. */
  readonly #oldest = this.#published.values();
  #stopped = false;

  constructor({ config, turn, agenda, hash }: Shared) {
    this.#config = config;
    this.#turn = turn;
    this.#agenda = agenda;
    this.#hash = hash;
  }

  /** How many are being published. */
  get size(): number {
    return this.#publishing.size;
  }

  /** @param length of the JSON that it came in */
  received(connection: Connection, frame: FromDevice, length: number): void {
    const key = `${frame.messageId}\n${frame.from}`; // ids are the device's: unique per device only
    const publishing = this.#publishing.get(key);
    const repeated = publishing !== undefined || this.#published.has(key);
    if (!repeated && (this.#stopped || this.#isFull(connection, length))) {
      // Not acked, so CCS sends it again on the next connection: nothing is lost, and our memory stays bounded.
      this.#turn.note({ kind: 'upstreamRefused', connection: connection.id });
      return;
    }
    this.#turn.note({ kind: 'upstream', messageId: frame.messageId, connection: connection.id, repeated });
    if (publishing !== undefined) publishing.connections.add(connection);
    else if (repeated) this.#ack(connection, frame);
    else this.#publish(key, { connection, frame, length });
  }

  /** Nothing new is taken: a device that goes on sending must not keep us here. */
  stop(): void {
    this.#stopped = true;
  }

  published(key: string): void {
    const publishing = this.#publishing.get(key);
    if (publishing === undefined) return;
    this.#drop(key, publishing);
    this.#remember(key);
    for (const connection of publishing.connections) this.#ack(connection, publishing.frame);
  }

  publishFailed(key: string): void {
    const publishing = this.#publishing.get(key);
    if (publishing === undefined) return;
    publishing.failures++;
    this.#turn.note({ kind: 'publishFailed', failures: publishing.failures });
    const delayMs = backoffMs(this.#config.store, publishing.failures, this.#turn.random());
    this.#agenda.add(this.#turn.nowMs + delayMs, { kind: 'publish', key });
  }

  /** The time to try again has come; if its connections are gone, CCS will send it again itself. */
  publishAgain(key: string): void {
    const publishing = this.#publishing.get(key);
    if (publishing === undefined) return;
    if ([...publishing.connections].every(({ state }) => state === 'closed')) this.#drop(key, publishing);
    else this.#turn.emit({ kind: 'publish', key, event: publishing.event });
  }

  #isFull(connection: Connection, length: number): boolean {
    const { upstreamLimit, upstreamLength } = this.#config;
    return this.#publishing.size >= upstreamLimit || connection.publishingLength + length > upstreamLength;
  }

  #drop(key: string, { countedOn, length }: Publishing): void {
    this.#publishing.delete(key);
    countedOn.publishingLength -= length;
  }

  #publish(key: string, { connection, frame, length }: Received): void {
    const { senderId } = this.#config;
    // A consumer drops a repeat by this id. Hashed: token and device-made id may be longer than an attribute can be.
    const event = eventOf({ id: `${senderId}/${this.#hash(key)}`, senderId, timeMs: this.#turn.nowMs }, frame);
    connection.publishingLength += length;
    const connections = new Set([connection]);
    this.#publishing.set(key, { frame, length, countedOn: connection, event, connections, failures: 0 });
    this.#turn.emit({ kind: 'publish', key, event });
  }

  #ack(connection: Connection, frame: FromDevice): void {
    if (connection.state === 'closed') return;
    const json = encodeUpstreamAck(frame.from, frame.messageId);
    this.#turn.emit({ kind: 'send', connection: connection.id, stanzaId: '', json });
  }

  #remember(key: string): void {
    if (key.length > LONGEST_REMEMBERED) return; // its repeat is published again, as the same event
    this.#published.add(key);
    if (this.#published.size <= this.#config.upstreamMemory) return;
    const { value } = this.#oldest.next();
    if (value !== undefined) this.#published.delete(value);
  }
}

function eventOf(head: { id: string; senderId: string; timeMs: number }, frame: FromDevice): RelayEvent {
  if (frame.kind === 'receipt') {
    const { originalMessageId = null, status = null, data } = frame;
    return { ...head, type: 'fcm.message.receipt', data: { sender_id: head.senderId, message_id: originalMessageId, status, data } };
  }
  return {
    ...head,
    type: 'fcm.upstream.received',
    data: {
      sender_id: head.senderId,
      message_id: frame.messageId,
      from: frame.from,
      category: frame.category ?? null,
      data: frame.data,
      received_at: new Date(head.timeMs).toISOString(),
    },
  };
}
