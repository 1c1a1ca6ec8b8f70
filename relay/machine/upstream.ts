import type { Receipt, UpstreamMessage } from '../model/link.ts';
import { canonicalJson, listText } from '../protocol/json/canonical-json.ts';
import type { Agenda } from './turn/agenda.ts';
import { backoffMs } from './turn/backoff.ts';
import type { RelayConfig } from './turn/config.ts';
import type { Connection } from './links/connection.ts';
import type { RelayEvent } from '../model/event.ts';
import type { KeyedHash } from '../model/token-hash.ts';
import type { Shared } from './turn/shared.ts';
import type { Turn } from './turn/turn.ts';

/** What comes from a device and has to be acked. */
type FromDevice = UpstreamMessage | Receipt;

interface Publishing {
  readonly received: FromDevice;
  /** Where it came in first: its length counts there. */
  readonly countedOn: Connection;
  readonly event: RelayEvent;
  /** Every connection it came in on meanwhile: an ack counts only there (protocol §6). */
  readonly connections: Set<Connection>;
  failures: number;
}

/** What came under one id of one device and is not acked yet. */
interface Owed {
  /** How many, of different content, are being published. */
  publishing: number;
  /** One for each ack that is due once all of them are published. */
  readonly connections: Connection[];
}

/**
 * Upstream messages: each is published, then acked on the connection it came in on. A repeat is only acked.
 *
 * A repeat has the same content: apps count their ids from 1 at every start, so a used id says little. But an ack names
 * device and id, not the content, and FCM may take it for everything that it has under them. So it goes out when none
 * of that is being published any more, and not at all on a connection where some of it was refused.
 */
export class Upstream {
  readonly #config: RelayConfig;
  readonly #turn: Turn;
  readonly #agenda: Agenda;
  readonly #hash: KeyedHash;
  readonly #publishing = new Map<string, Publishing>();
  readonly #owed = new Map<string, Owed>();
  /** In order of publication; the oldest are forgotten first. */
  readonly #published = new Set<string>();
  /** Stands at the oldest; a new iterator would walk past every entry deleted before it. */
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

  received(connection: Connection, received: FromDevice): void {
    // tokens and ids made by devices may be longer than an attribute can be
    const key = this.#hash(contentOf(received));
    const publishing = this.#publishing.get(key);
    const repeated = publishing !== undefined || this.#published.has(key);
    if (!repeated && (this.#stopped || this.#isFull(connection, received.length))) {
      // Not acked, so FCM sends it again on the next connection: nothing is lost, and our memory stays bounded.
      this.#refuse(connection, received);
      this.#turn.note({ kind: 'upstreamRefused', connection: connection.id });
      return;
    }
    this.#turn.note({ kind: 'upstream', messageId: received.messageId, connection: connection.id, repeated });
    if (publishing !== undefined) publishing.connections.add(connection);
    else if (repeated) this.#owe(received, [connection]);
    else this.#publish(key, connection, received);
  }

  /** Takes nothing new: a device that keeps sending must not keep us from stopping. */
  stop(): void {
    this.#stopped = true;
  }

  published(key: string): void {
    const publishing = this.#publishing.get(key);
    if (publishing === undefined) return;
    this.#remember(key);
    this.#done(key, publishing);
    this.#owe(publishing.received, publishing.connections);
  }

  publishFailed(key: string): void {
    const publishing = this.#publishing.get(key);
    if (publishing === undefined) return;
    publishing.failures++;
    this.#turn.note({ kind: 'publishFailed', failures: publishing.failures });
    const delayMs = backoffMs(this.#config.store, publishing.failures, this.#turn.random());
    this.#agenda.at(this.#turn.nowMs + delayMs, () => this.#publishAgain(key));
  }

  /** Tries again, unless its connections are gone: then FCM sends it again by itself. */
  #publishAgain(key: string): void {
    const publishing = this.#publishing.get(key);
    if (publishing === undefined) return;
    if ([...publishing.connections].every(({ state }) => state === 'closed')) {
      this.#done(key, publishing);
      this.#owe(publishing.received, []);
    } else this.#turn.emit({ kind: 'publish', key, event: publishing.event });
  }

  #isFull(connection: Connection, length: number): boolean {
    const { upstreamLimit, upstreamLength } = this.#config;
    return this.#publishing.size >= upstreamLimit || connection.publishingLength + length > upstreamLength;
  }

  /** An ack for something else under its id would be taken for an ack of this. */
  #refuse({ refusedUpstream }: Connection, received: FromDevice): void {
    if (refusedUpstream.size < MAX_REFUSED) refusedUpstream.add(this.#hash(idOf(received)));
  }

  #publish(key: string, connection: Connection, received: FromDevice): void {
    const { senderId } = this.#config;
    // consumers drop repeats by this id
    const event = eventOf({ id: `${senderId}/${key}`, senderId, timeMs: this.#turn.nowMs }, received);
    connection.publishingLength += received.length;
    const connections = new Set([connection]);
    this.#publishing.set(key, { received, countedOn: connection, event, connections, failures: 0 });
    this.#owedFor(received).publishing += 1;
    this.#turn.emit({ kind: 'publish', key, event });
  }

  #owedFor(received: FromDevice): Owed {
    const id = idOf(received);
    const owed = this.#owed.get(id) ?? { publishing: 0, connections: [] };
    this.#owed.set(id, owed);
    return owed;
  }

  #done(key: string, { received, countedOn }: Publishing): void {
    this.#publishing.delete(key);
    countedOn.publishingLength -= received.length;
    this.#owedFor(received).publishing -= 1;
  }

  /** Acks on these connections as soon as nothing under its id is being published. */
  #owe(received: FromDevice, connections: Iterable<Connection>): void {
    const owed = this.#owedFor(received);
    owed.connections.push(...connections);
    if (owed.publishing > 0) return;
    this.#owed.delete(idOf(received));
    for (const connection of owed.connections) this.#ack(connection, received);
  }

  #ack(connection: Connection, received: FromDevice): void {
    const { state, refusedUpstream } = connection;
    if (state === 'closed' || (refusedUpstream.size > 0 && refusedUpstream.has(this.#hash(idOf(received))))) return;
    const { from, messageId } = received;
    this.#turn.emit({ kind: 'ackUpstream', connection: connection.id, from, messageId });
  }

  #remember(key: string): void {
    this.#published.add(key);
    if (this.#published.size <= this.#config.upstreamMemory) return;
    const { value } = this.#oldest.next();
    if (value !== undefined) this.#published.delete(value);
  }
}

/** Ids are the device's: unique per device, if at all, and of any characters. */
const idOf = ({ messageId, from }: FromDevice): string => listText([messageId, from]);

/** Ids remembered of one connection. FCM stops at about 100 un-acked (protocol §5), so more is a misbehaving peer. */
const MAX_REFUSED = 1_000;

/** What tells messages apart: receipts of one message from several devices differ only in their data. */
function contentOf(received: FromDevice): string {
  const { kind, messageId, from, data } = received;
  const category = received.kind === 'upstream' ? (received.category ?? null) : null;
  return listText([kind, messageId, from, category, canonicalJson(data)]);
}

function eventOf(head: { id: string; senderId: string; timeMs: number }, received: FromDevice): RelayEvent {
  if (received.kind === 'receipt') {
    const { originalMessageId = null, status = null, data } = received;
    return {
      ...head,
      type: 'fcm.message.receipt',
      data: { sender_id: head.senderId, message_id: originalMessageId, status, data },
    };
  }
  return {
    ...head,
    type: 'fcm.upstream.received',
    data: {
      sender_id: head.senderId,
      message_id: received.messageId,
      from: received.from,
      category: received.category ?? null,
      data: received.data,
      received_at: new Date(head.timeMs).toISOString(),
    },
  };
}
