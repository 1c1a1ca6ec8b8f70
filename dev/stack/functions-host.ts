#!/usr/bin/env node
/**
 * `functions-host.ts BUNDLE API_PORT [--no-retry-policy]`: all functions in one process, each served by
 * functions-framework; and the part of Eventarc: each message of a trigger's topic is POSTed to its function as a
 * CloudEvent, and acked on 2xx. The functions emulator would start a process for every call under way: a burst of 50
 * takes a minute and 10 GB.
 */
import { PubSub } from '@google-cloud/pubsub';
import type * as Functions from '../../functions/index.ts';
import type { PulledMessage } from '../../relay/adapters/pubsub/lane-source.ts';
import { PubSubLaneSource } from '../../relay/adapters/pubsub/pull.ts';
import { topicNames } from '../../relay/adapters/pubsub/topology.ts';
import { HOST } from './ports.ts';
import { serveFunction, type FunctionName } from './serve-function.ts';

const CONCURRENCY = 80; // as functions/index.ts asks of Cloud Run
const HELD_BYTES = 64 * 1024 * 1024;
const SWEEP_EVERY_MS = 15 * 60_000;
const ALREADY_EXISTS = 6; // google.rpc.Code
const RETRY_POLICY = { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 60 } };

const [bundle = '', apiPort = '', ...flags] = process.argv.slice(2);
const retryPolicy = flags.includes('--no-retry-policy') ? {} : { retryPolicy: RETRY_POLICY }; // see withoutRetryPolicy
const functions = (await import(bundle)) as typeof Functions;
const names = topicNames(process.env['RELAY_TOPIC_PREFIX']);
const pubsub = new PubSub();

const serve = async (name: FunctionName, port = 0): Promise<string> =>
  `http://${HOST}:${await serveFunction(functions, name, port)}/`;

/** Delivers what is published to the topic, at least once, until the function answers 2xx. */
async function trigger(topic: string, url: string): Promise<void> {
  const name = `${topic}-trigger`;
  await pubsub
    .topic(topic)
    .createSubscription(name, { ...retryPolicy, ackDeadlineSeconds: 600 })
    .catch((error: unknown) => {
      if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error; // this process is a successor
    });
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

const api = await serve('api', Number(apiPort));
await trigger(names.requests, await serve('onDownstreamRequest'));
await trigger(names.dead, await serve('onDeadLetter'));
const sweep = await serve('sweep');
setInterval(() => void fetch(sweep, { method: 'POST' }).catch(() => undefined), SWEEP_EVERY_MS);
console.log(`functions ready ${api}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
