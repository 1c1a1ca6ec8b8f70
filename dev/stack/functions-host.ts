#!/usr/bin/env node
/**
 * The functions, in one process, as production serves them: each by functions-framework, many calls at once; and what
 * Eventarc does beside them: each message of a trigger's topic becomes a CloudEvent, POSTed to its function, and is
 * acked on 2xx. (The functions emulator starts a process for every call that is under way: a burst of 50 takes a minute
 * and 10 GB.)
 */
import { cloudEvent, http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { PubSub } from '@google-cloud/pubsub';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type * as Functions from '../../functions/index.ts';
import type { PulledMessage } from '../../relay/adapters/pubsub/lane-source.ts';
import { PubSubLaneSource } from '../../relay/adapters/pubsub/pull.ts';
import { topicNames } from '../../relay/adapters/pubsub/topology.ts';

const HOST = '127.0.0.1';
const CONCURRENCY = 80; // as functions/index.ts asks of Cloud Run
const HELD_BYTES = 64 * 1024 * 1024;
const SWEEP_EVERY_MS = 15 * 60_000;

const [bundle = '', apiPort = ''] = process.argv.slice(2);
const functions = (await import(bundle)) as typeof Functions;
const names = topicNames(process.env['RELAY_TOPIC_PREFIX']);
const pubsub = new PubSub();

async function serve(name: string, port: number): Promise<string> {
  const server = getTestServer(name).listen(port, HOST);
  await once(server, 'listening');
  return `http://${HOST}:${(server.address() as AddressInfo).port}/`;
}

/** Delivers what is published to the topic, at least once, until the function answers 2xx. */
async function trigger(topic: string, url: string): Promise<void> {
  const name = `${topic}-trigger`;
  const retryPolicy = { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 60 } };
  await pubsub.topic(topic).createSubscription(name, { retryPolicy, ackDeadlineSeconds: 600 });
  const source = new PubSubLaneSource(pubsub, name, { maxMessages: CONCURRENCY, maxBytes: HELD_BYTES });
  source.start((message) => {
    deliver(message, topic, url).then(
      (ok) => (ok ? message.ack() : message.nack()),
      () => message.nack(),
    );
  });
}

/** https://cloud.google.com/eventarc/docs/cloudevents: type messagePublished, binary mode. */
async function deliver(
  { id, data, attributes, publishedAtMs }: PulledMessage,
  topic: string,
  url: string,
): Promise<boolean> {
  const time = new Date(publishedAtMs).toISOString();
  const message = { data: data.toString('base64'), attributes, messageId: id, publishTime: time };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
      'ce-source': `//pubsub.googleapis.com/projects/${pubsub.projectId}/topics/${topic}`,
      'ce-time': time,
    },
    body: JSON.stringify({ message, subscription: `projects/${pubsub.projectId}/subscriptions/${topic}-trigger` }),
  });
  await response.arrayBuffer();
  return response.ok;
}

http('api', functions.api as Parameters<typeof http>[1]);
cloudEvent('onDownstreamRequest', functions.onDownstreamRequest as Parameters<typeof cloudEvent>[1]);
cloudEvent('onDeadLetter', functions.onDeadLetter as Parameters<typeof cloudEvent>[1]);
http('sweep', functions.sweep as unknown as Parameters<typeof http>[1]);

const api = await serve('api', Number(apiPort));
await trigger(names.requests, await serve('onDownstreamRequest', 0));
await trigger(names.dead, await serve('onDeadLetter', 0));
const sweep = await serve('sweep', 0);
setInterval(() => void fetch(sweep, { method: 'POST' }).catch(() => undefined), SWEEP_EVERY_MS);
console.log(`functions ready ${api}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
