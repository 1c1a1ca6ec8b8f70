import { PubSub } from '@google-cloud/pubsub';
import type { Backlog } from '../drain/backlog.ts';
import { verifyPublished } from '../published.ts';

/** A subscription to the upstream events of one turn, read at its end. */
export class EventTap {
  readonly #backlog: Backlog;
  readonly #subscription: string;

  private constructor(backlog: Backlog) {
    this.#backlog = backlog;
    this.#subscription = `${backlog.names.upstream}-tap`;
  }

  static async open(backlog: Backlog): Promise<EventTap> {
    const tap = new EventTap(backlog);
    await tap.#with((pubsub) =>
      pubsub.topic(backlog.names.upstream).createSubscription(tap.#subscription, { ackDeadlineSeconds: 600 }),
    );
    return tap;
  }

  /** @throws TurnError unless this many events came, each once */
  verify(messages: number): Promise<void> {
    return verifyPublished({
      projectId: this.#backlog.projectId,
      subscription: this.#subscription,
      attribute: 'ce-id',
      messages,
    });
  }

  close(): Promise<void> {
    return this.#with((pubsub) => pubsub.subscription(this.#subscription).delete());
  }

  async #with(work: (pubsub: PubSub) => Promise<unknown>): Promise<void> {
    const pubsub = new PubSub({ projectId: this.#backlog.projectId });
    await work(pubsub).finally(() => pubsub.close());
  }
}
