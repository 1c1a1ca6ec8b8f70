import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openFirestore } from '../relay/adapters/firestore/client.ts';
import { FirestoreMessages } from '../relay/adapters/firestore/messages.ts';
import { FirestoreSweepProgress } from '../relay/adapters/firestore/sweep-progress.ts';
import { openPubSub } from '../relay/adapters/pubsub/client.ts';
import { PubSubDeadLetters } from '../relay/adapters/pubsub/dead-letters.ts';
import { PubSubLaneBacklog } from '../relay/adapters/pubsub/lane-backlog.ts';
import { PubSubEventPublisher } from '../relay/adapters/pubsub/events.ts';
import { PubSubDownstreamQueue } from '../relay/adapters/pubsub/queue.ts';
import { letterSeal, queueSeal } from '../relay/model/seal.ts';
import { hashesOf } from '../relay/model/token-hash.ts';
import type { Config } from './config.ts';
import { idTokenVerifier } from './http/auth/id-token.ts';
import { limitedQueue, limitedStore } from './platform/time-limit.ts';

/**
 * The composition root: every port of the core, on Firestore and Pub/Sub. One a process; its clients connect when first
 * used.
 */
export function openRelay({ senders, topics, hashKeys, apiKeys, checkRevoked }: Config) {
  const { gateway } = openFirestore();
  const messages = new FirestoreMessages(gateway);
  const { pubsub, publisher } = openPubSub();
  const seals = { queue: queueSeal(hashKeys), letter: letterSeal(hashKeys) };
  return {
    senders,
    topics,
    apiKeys,
    store: limitedStore(messages),
    unsettled: messages,
    backlog: new PubSubLaneBacklog(pubsub, topics),
    progress: new FirestoreSweepProgress(gateway),
    queue: limitedQueue(new PubSubDownstreamQueue(publisher, topics, seals.queue)),
    events: new PubSubEventPublisher(publisher, topics),
    deadLetters: new PubSubDeadLetters(publisher, topics, seals.letter),
    seals,
    ...hashesOf(hashKeys),
    now: Date.now,
    random: Math.random,
    wait,
    newMessageId: randomUUID,
    verifyIdToken: idTokenVerifier({ checkRevoked }),
  };
}
export type Relay = ReturnType<typeof openRelay>;
