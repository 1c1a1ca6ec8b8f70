import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openFirestore } from '../relay/adapters/firestore/client.ts';
import { FirestoreMessages } from '../relay/adapters/firestore/messages.ts';
import { FirestoreSweepProgress } from '../relay/adapters/firestore/sweep-progress.ts';
import { openPubSub } from '../relay/adapters/pubsub/client.ts';
import { pubSubDeadLetters } from '../relay/adapters/pubsub/dead-letters.ts';
import { pubSubLaneBacklog } from '../relay/adapters/pubsub/lane-backlog.ts';
import { pubSubEvents } from '../relay/adapters/pubsub/events.ts';
import { pubSubQueue } from '../relay/adapters/pubsub/queue.ts';
import { deadLetterSigner, queueSigner } from '../relay/model/signer.ts';
import { hashesOf } from '../relay/model/token-hash.ts';
import type { Config } from './config.ts';
import { idTokenVerifier } from './http/auth/id-token.ts';
import { limitedQueue, limitedStore } from './platform/time-limit.ts';

/**
 * The composition root: every port of the services, on Firestore and Pub/Sub. Called once a process; the clients
 * connect on first use.
 */
export function openServices({ senders, topics, hashKeys, apiKeys, checkRevoked }: Config) {
  const { gateway } = openFirestore();
  const messages = new FirestoreMessages(gateway);
  const { pubsub, publisher } = openPubSub();
  const signers = { queue: queueSigner(hashKeys), letter: deadLetterSigner(hashKeys) };
  return {
    senders,
    topics,
    apiKeys,
    store: limitedStore(messages),
    unsettled: messages,
    backlog: pubSubLaneBacklog(pubsub, topics),
    progress: new FirestoreSweepProgress(gateway),
    queue: limitedQueue(pubSubQueue(publisher, topics, signers.queue)),
    events: pubSubEvents(publisher, topics),
    deadLetters: pubSubDeadLetters(publisher, topics, signers.letter),
    signers,
    ...hashesOf(hashKeys),
    now: Date.now,
    random: Math.random,
    wait,
    newMessageId: randomUUID,
    verifyIdToken: idTokenVerifier({ checkRevoked }),
  };
}
export type Services = ReturnType<typeof openServices>;
