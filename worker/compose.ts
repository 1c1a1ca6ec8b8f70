import { openFirestore } from '../relay/adapters/firestore/client.ts';
import { FirestoreDeliveries } from '../relay/adapters/firestore/deliveries.ts';
import { FirestoreRegistrations } from '../relay/adapters/firestore/registrations.ts';
import { openPubSub } from '../relay/adapters/pubsub/client.ts';
import { pubSubDeadLetters } from '../relay/adapters/pubsub/dead-letters.ts';
import { pubSubEvents } from '../relay/adapters/pubsub/events.ts';
import { PubSubLaneSource } from '../relay/adapters/pubsub/pull.ts';
import { LANES, topicNames } from '../relay/adapters/pubsub/topology.ts';
import { xmppTransport } from '../relay/adapters/xmpp/link.ts';
import { relayConfig } from '../relay/machine/turn/config.ts';
import { Relay } from '../relay/machine/relay.ts';
import { deadLetterSigner, queueSigner } from '../relay/model/signer.ts';
import { hashesOf } from '../relay/model/token-hash.ts';
import type { WorkerConfig } from './config.ts';
import manifest from './package.json' with { type: 'json' };
import { healthServer, listen } from './observe/health.ts';
import { LanePuller, type Lane } from './lane-puller.ts';
import type { Log } from './observe/log.ts';
import { Metrics } from './observe/metrics.ts';
import { observer } from './observe/observer.ts';
import { Pump } from './pump.ts';
import { soon } from './platform/soon.ts';
import { steadyClock } from './platform/steady-clock.ts';
import { wakeAfter } from './platform/wake-after.ts';

const { version } = manifest;
const STREAMS = 4; // each has a bounded rate; they share the limits
const HELD_BYTES = 64 * 1024 * 1024; // a lane; an invalid message may be 10 MB
const ANSWERS_WITHIN_MS = 5_000; // at a stop: guarantee 5 allows 10 s in all

export interface Worker {
  /** Serves `/healthz`, `/readyz` and `/metrics`. */
  readonly port: number;
  /** Waits for pending messages, hands the rest back, closes every connection. */
  stop(): Promise<void>;
}

/**
 * The worker's composition root.
 * @param onDefect see PumpParts
 */
export async function startWorker(config: WorkerConfig, log: Log, onDefect: (error: unknown) => void): Promise<Worker> {
  const { projectId, senderId, connections, pendingLimit, silenceLimitS } = config;
  const names = topicNames(config.topicPrefix);
  const firestore = openFirestore({ projectId });
  const pubsub = openPubSub({ projectId });
  const endpoint = { url: config.xmppUrl, domain: config.xmppDomain, senderId, serverKey: config.serverKey };
  const transport = xmppTransport(endpoint);
  const limits = relayConfig({
    senderId,
    traits: transport.traits,
    connections,
    pendingLimit,
    silenceLimitMs: silenceLimitS * 1_000,
  });
  const hashes = hashesOf(config.hashKeys);
  const relay = new Relay(limits, { random: Math.random, ...hashes });
  const now = steadyClock(Date.now, () => performance.now());
  const metrics = new Metrics({ relay, now, senderId, version });
  const deadLetters = pubSubDeadLetters(pubsub.publisher, names, deadLetterSigner(config.hashKeys));
  const documents = new FirestoreDeliveries(firestore.gateway);
  const pump = new Pump({
    relay,
    senderId,
    messages: documents,
    registrations: new FirestoreRegistrations(firestore.gateway),
    events: pubSubEvents(pubsub.publisher, names),
    deadLetter: ({ data: payload, attributes }, { lane, ...letter }) =>
      deadLetters.put({ ...letter, payload, attributes, origin: names.laneSubscription(senderId, lane), senderId }),
    pulls: {
      pause: () => pullers.forEach((puller) => puller.pause('noConnection')),
      resume: () => pullers.forEach((puller) => puller.resume('noConnection')),
    },
    connect: transport.connect,
    observe: observer(log, metrics),
    now,
    soon,
    wakeAfter,
    onDefect,
  });
  const lanes = LANES.map((priority): Lane => {
    const subscription = names.laneSubscription(senderId, priority);
    const onError = (error: Error): void => log('pull.failed', { subscription, error: error.message });
    return {
      priority,
      subscription,
      source: new PubSubLaneSource(pubsub.pubsub, subscription, {
        maxMessages: limits.holdLimit,
        maxBytes: HELD_BYTES,
        streams: STREAMS,
        onError,
      }),
    };
  });

  let stopping = false;
  const health = healthServer({ status: () => relay.status(), stopping: () => stopping, metrics });
  const port = await listen(health, config.host, config.port);
  const signer = queueSigner(config.hashKeys);
  const pullers = lanes.map(
    (lane) =>
      new LanePuller(lane, { senderId, pump, signer, hashes, documents, deadLetters, log, metrics, now, wakeAfter }),
  );
  pump.start();
  for (const puller of pullers) puller.start();

  const stop = async (): Promise<void> => {
    stopping = true;
    for (const puller of pullers) puller.stop();
    await pump.stop(ANSWERS_WITHIN_MS);
    await Promise.all(lanes.map(({ source }) => source.close()));
    await Promise.all([pubsub.close(), firestore.close()]);
    health.closeAllConnections();
    await new Promise((resolve) => health.close(resolve));
  };
  return { port, stop };
}
