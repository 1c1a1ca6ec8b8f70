import type { Message, PubSub, Subscription } from '@google-cloud/pubsub';
import type { TopicNames } from '../../../relay/adapters/pubsub/topology.ts';
import { until } from '../until.ts';

/** One published event, as a consumer receives it. */
export interface SeenEvent {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** A consumer of every topic that the relay publishes for others. It uses the client library, as any consumer would. */
export class EventLog {
  readonly #types = new Map<string, { readonly events: SeenEvent[]; readonly ids: Set<string> }>();
  readonly dead: { readonly data: Buffer; readonly attributes: Readonly<Record<string, string>> }[] = [];
  readonly #pubsub: PubSub;
  readonly #names: TopicNames;
  readonly #subscriptions: Subscription[] = [];

  constructor(pubsub: PubSub, names: TopicNames) {
    this.#pubsub = pubsub;
    this.#names = names;
  }

  async subscribe(): Promise<void> {
    await Promise.all(
      [this.#names.upstream, this.#names.deliveryEvents].map((topic) =>
        this.#listen(topic, (message) => this.#add(message)),
      ),
    );
    await this.#listen(this.#names.dead, ({ data, attributes }) => this.dead.push({ data, attributes }));
  }

  of(type: string): readonly SeenEvent[] {
    return this.#types.get(type)?.events ?? [];
  }

  /** The events of this type, once there are `count` of them with different ids. */
  async waitFor(type: string, count: number, withinMs = 30_000): Promise<readonly SeenEvent[]> {
    const distinct = (): number => this.#types.get(type)?.ids.size ?? 0;
    await until(() => distinct() >= count, { withinMs, what: () => `${distinct()} of ${count} events ${type}` });
    return this.of(type);
  }

  /** The events of this type about one message, once there is one. */
  async about(type: string, messageId: string, withinMs = 30_000): Promise<SeenEvent[]> {
    const found = (): SeenEvent[] => this.of(type).filter(({ data }) => data['message_id'] === messageId);
    await until(() => found().length > 0, { withinMs, what: () => `no event ${type} about ${messageId}` });
    return found();
  }

  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }

  async #listen(topic: string, add: (message: Message) => void): Promise<void> {
    const [subscription] = await this.#pubsub.topic(topic).createSubscription(`${topic}-test`);
    subscription.on('message', (message: Message) => {
      message.ack();
      add(message);
    });
    this.#subscriptions.push(subscription);
  }

  #add({ attributes, data }: Message): void {
    const { 'ce-type': type = '', 'ce-id': id = '' } = attributes;
    const seen = this.#types.get(type) ?? { events: [], ids: new Set() };
    this.#types.set(type, seen);
    seen.ids.add(id);
    seen.events.push({
      type,
      id,
      attributes,
      data: JSON.parse(data.toString()) as Record<string, unknown>,
      text: data.toString(),
    });
  }
}
