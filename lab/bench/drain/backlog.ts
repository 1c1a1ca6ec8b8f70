import { Firestore } from '@google-cloud/firestore';
import { openFirestore, type FirestoreClient } from '../../../relay/adapters/firestore/client.ts';
import { FirestoreMessages } from '../../../relay/adapters/firestore/messages.ts';
import { openPubSub, type PubSubClient } from '../../../relay/adapters/pubsub/client.ts';
import { provision } from '../../../relay/adapters/pubsub/provision.ts';
import { pubSubQueue } from '../../../relay/adapters/pubsub/queue.ts';
import { topicNames, topology } from '../../../relay/adapters/pubsub/topology.ts';
import { acceptor } from '../../../relay/service/accept/accept.ts';
import type { MessageState } from '../../../relay/model/record.ts';
import { queueSigner } from '../../../relay/model/signer.ts';
import { keyedHash } from '../../../relay/model/token-hash.ts';
import { messageOf } from '../load-job.ts';
import { SENDER } from '../sender.ts';
import { TurnError } from '../side-process.ts';
import type { Testbed } from '../testbed.ts';

const AT_ONCE = 5_000;
export const HASH_KEY = 'bench-token-hash-key';

let made = 0;

/**
 * The queue of one turn: messages accepted by the service itself, with document and queue message, in topics of their
 * own. Firestore is emptied first.
 */
export class Backlog {
  readonly projectId: string;
  readonly topicPrefix = `bench${process.pid}x${++made}-`;
  readonly names = topicNames(this.topicPrefix);
  readonly #firestore: FirestoreClient;
  readonly #pubsub: PubSubClient;
  readonly #topology = topology([SENDER.id], this.topicPrefix);

  private constructor(projectId: string) {
    this.projectId = projectId;
    this.#firestore = openFirestore({ projectId });
    this.#pubsub = openPubSub({ projectId });
  }

  static async fill(testbed: Testbed, count: number): Promise<Backlog> {
    const backlog = await Backlog.empty(testbed);
    await backlog.#accept(count);
    return backlog;
  }

  /** Only its topics and subscriptions, for something else to fill. */
  static async empty(testbed: Testbed): Promise<Backlog> {
    const { GOOGLE_CLOUD_PROJECT: projectId, FIRESTORE_EMULATOR_HOST: host } = testbed.engines;
    const cleared = await fetch(`http://${host}/emulator/v1/projects/${projectId}/databases/(default)/documents`, {
      method: 'DELETE',
    });
    if (!cleared.ok) throw new Error(`cannot clear the Firestore emulator: ${cleared.status}`);
    const backlog = new Backlog(projectId);
    await provision(backlog.#pubsub.pubsub, backlog.#topology);
    return backlog;
  }

  /** @throws TurnError unless every message has a document in this state */
  async verify(count: number, state: MessageState = 'acked'): Promise<void> {
    const firestore = new Firestore({ projectId: this.projectId });
    const query = firestore.collection(`senders/${SENDER.id}/messages`).where('state', '==', state).count();
    const found = (await query.get()).data().count;
    await firestore.terminate();
    if (found !== count) throw new TurnError(`${found} of ${count} documents are "${state}"`);
  }

  /** Deletes its topics and subscriptions. Its documents are deleted when the next one is filled. */
  async remove(): Promise<void> {
    const { pubsub } = this.#pubsub;
    await Promise.all(this.#topology.subscriptions.map(({ name }) => pubsub.subscription(name).delete()));
    await Promise.all(this.#topology.topics.map(({ name }) => pubsub.topic(name).delete()));
    await Promise.all([this.#pubsub.close(), this.#firestore.close()]);
  }

  async #accept(count: number): Promise<void> {
    const take = acceptor(
      {
        store: new FirestoreMessages(this.#firestore.gateway),
        queue: pubSubQueue(this.#pubsub.publisher, this.names, queueSigner({ current: HASH_KEY })),
        hash: keyedHash(HASH_KEY),
        now: Date.now,
        random: Math.random,
      },
      { owner: 'key:bench' },
    );
    for (let from = 0; from < count; from += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => from + at);
      const taken = await Promise.all(numbers.map((n) => take({ senderId: SENDER.id, message: messageOf(n) })));
      const refused = taken.find(({ outcome }) => outcome !== 'accepted');
      if (refused !== undefined)
        throw new Error(`a message was not accepted: ${refused.outcome}`, {
          cause: 'cause' in refused ? refused.cause : undefined,
        });
    }
  }
}
