import type { EmulatorControl, TimedEvent } from '../../../fcm-emulator/client.ts';
import { openPubSub, type PubSubClient } from '../../../relay/adapters/pubsub/client.ts';
import type { PulledMessage } from '../../../relay/adapters/pubsub/lane-source.ts';
import { PubSubLaneSource } from '../../../relay/adapters/pubsub/pull.ts';
import { topicNames } from '../../../relay/adapters/pubsub/topology.ts';
import type { ConnectionLife, DeliveryEvent, Receipt, UpstreamAck, UpstreamEvent } from './history.ts';

const HOLD = { maxMessages: 1_000, maxBytes: 64 * 1_024 * 1_024 };

/** Records what FCM sees, from its event stream, and what consumers of the two event topics see. */
export class Observer {
  readonly receipts: Receipt[] = [];
  readonly connections = new Map<string, ConnectionLife>();
  readonly upstreamAcks: UpstreamAck[] = [];
  readonly foreignAcks: UpstreamAck[] = [];
  readonly deliveryEvents: DeliveryEvent[] = [];
  readonly upstreamEvents: UpstreamEvent[] = [];
  /** Ids of messages that have settled, and of upstream messages that were published. */
  readonly settled = new Set<string>();
  readonly published = new Set<string>();
  readonly #end = new AbortController();
  readonly #client: PubSubClient;
  readonly #sources: PubSubLaneSource[] = [];
  readonly #seen = new Set<string>(); // Pub/Sub's own ids: a redelivery is not a second event
  #listening: Promise<void> = Promise.resolve();

  constructor(projectId: string) {
    this.#client = openPubSub({ projectId });
  }

  /** From then on nothing is missed. */
  async start(fcm: EmulatorControl): Promise<void> {
    this.#listening = this.#listen(fcm);
    this.#listening.catch(() => undefined); // `close` rejects
    const { upstream, deliveryEvents } = topicNames();
    await this.#consume(deliveryEvents, (message) => this.#delivery(message));
    await this.#consume(upstream, (message) => this.#upstream(message));
  }

  /** No answer comes through it from now on, and FCM does not report that. */
  halfOpened(connection: string): void {
    this.#lost(connection, Date.now(), 'half-open');
  }

  /** @throws Error if FCM's event stream broke: then the history has gaps */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#sources.map((source) => source.close()));
    await this.#client.close();
    await this.#listening;
  }

  async #listen(fcm: EmulatorControl): Promise<void> {
    for await (const event of fcm.events(this.#end.signal)) this.#record(event);
  }

  #record(event: TimedEvent): void {
    switch (event.type) {
      case 'downstream':
        if (event.messageId !== '')
          this.receipts.push({
            id: event.messageId,
            connection: event.connection,
            atMs: event.at,
            answer: event.answer,
          });
        return;
      case 'upstreamAcked':
        this.upstreamAcks.push({ id: event.messageId, connection: event.connection, atMs: event.at });
        return;
      case 'foreignAck':
        this.foreignAcks.push({ id: event.messageId, connection: event.connection, atMs: event.at });
        return;
      case 'connectionBound':
        this.connections.set(event.connection, { id: event.connection, openedMs: event.at });
        return;
      case 'connectionDraining': {
        const life = this.connections.get(event.connection);
        if (life !== undefined) life.drainingMs = event.at;
        return;
      }
      case 'connectionClosed':
        return this.#lost(event.connection, event.at, event.reason);
      default: // the checker does not need it
    }
  }

  #lost(connection: string, atMs: number, reason: string): void {
    const life = this.connections.get(connection);
    if (life === undefined || life.lostMs !== undefined) return;
    life.lostMs = atMs;
    life.reason = reason;
  }

  async #consume(topic: string, record: (message: PulledMessage) => void): Promise<void> {
    const name = `${topic}-chaos`;
    await this.#client.pubsub.topic(topic).createSubscription(name, { ackDeadlineSeconds: 60 });
    const source = new PubSubLaneSource(this.#client.pubsub, name, HOLD);
    this.#sources.push(source);
    source.start((message) => {
      const key = `${topic}/${message.id}`;
      if (!this.#seen.has(key)) record(message);
      this.#seen.add(key);
      message.ack();
    });
  }

  #delivery({ attributes, data, publishedAtMs }: PulledMessage): void {
    const { message_id: id = '' } = JSON.parse(data.toString()) as { message_id?: string };
    const type = attributes['ce-type'] ?? '';
    this.deliveryEvents.push({ eventId: attributes['ce-id'] ?? '', type, id, publishedMs: publishedAtMs });
    if (type.startsWith('fcm.message.')) this.settled.add(id);
  }

  #upstream({ attributes, data, publishedAtMs }: PulledMessage): void {
    const { message_id: id = '', from = '' } = JSON.parse(data.toString()) as { message_id?: string; from?: string };
    this.upstreamEvents.push({ eventId: attributes['ce-id'] ?? '', id, from, publishedMs: publishedAtMs });
    this.published.add(id);
  }
}
