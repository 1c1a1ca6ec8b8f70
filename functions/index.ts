import { onRequest } from 'firebase-functions/https';
import { setGlobalOptions } from 'firebase-functions/options';
import { defineSecret, defineString, expr, type SecretParam } from 'firebase-functions/params';
import { onMessagePublished } from 'firebase-functions/pubsub';
import { onSchedule } from 'firebase-functions/scheduler';
import { topicNames } from '../relay/adapters/pubsub/topology.ts';
import { keepPlatformAway } from './http/server/arrival.ts';
import { answerClientErrors } from './http/server/client-errors.ts';
import { serve } from './http/serve.ts';
import { readConfig, refuseUnsignedTokens } from './config.ts';
import { onDeadLetterPublished } from './events/on-dead-letter.ts';
import { onRequestPublished } from './events/on-downstream-request.ts';
import { once } from './platform/once.ts';
import { outsideDomain, withoutDomains } from './platform/outside-domain.ts';
import { openServices, type Services } from './compose.ts';
import { sweepSenders } from './sweep-senders.ts';

/** How the cloud functions are served; what they do is in the files of their names. */
const senders = defineString('RELAY_SENDERS', {
  description: 'Sender ids to serve, comma-separated',
});
const topicPrefix = defineString('RELAY_TOPIC_PREFIX', {
  default: '',
  description: 'Prefix for every topic name; may be empty',
});
const checkRevoked = defineString('RELAY_CHECK_REVOKED', {
  default: 'false',
  description: '"true" checks with Firebase Auth on every ID-token call that the user is not disabled or signed out',
});
const topics = topicNames(); // without the prefix, which is only known at deployment
const apiKeys = defineSecret('RELAY_API_KEYS');
const tokenHashKey = defineSecret('TOKEN_HASH_KEY');
const previousHashKey = defineSecret('TOKEN_HASH_KEY_PREVIOUS'); // `none` outside a rotation: a secret cannot be empty
const hashKeys = [tokenHashKey, previousHashKey];

/**
 * Created on a function's first call, from the parameters and the secrets it names: each function is a process of its
 * own.
 */
const servicesWith = (secrets: readonly SecretParam[]): (() => Services) =>
  once(() => {
    const named = [senders, topicPrefix, checkRevoked, ...secrets];
    return openServices(readConfig(Object.fromEntries(named.map((param) => [param.name, param.value()]))));
  });

// One CPU serves 80 concurrent requests, most of which wait: for an RPC, or as a DELETE does. More instances mean more
// load on Firestore and Pub/Sub; 100 of them are 8 000 requests in flight.
setGlobalOptions({ region: 'us-central1', memory: '512MiB', cpu: 1, concurrency: 80, maxInstances: 100 });

refuseUnsignedTokens(process.env);
keepPlatformAway();
answerClientErrors();
if (process.env['FUNCTION_TARGET'] === 'api') withoutDomains();

// Public: API keys and ID tokens decide who may call, not Cloud Run. 60 s, because a DELETE takes seconds
// (relay/machine/delivery/document.ts).
const apiSecrets = [apiKeys, ...hashKeys];
export const api = onRequest(
  { secrets: apiSecrets, timeoutSeconds: 60, invoker: 'public' },
  outsideDomain(serve(servicesWith(apiSecrets))),
);

// Without `retry` a failed event is dropped.
const eventServices = servicesWith(hashKeys);
export const onDownstreamRequest = onMessagePublished(
  { topic: expr`${topicPrefix}${topics.requests}`, retry: true, secrets: hashKeys, timeoutSeconds: 120 },
  outsideDomain((event) => onRequestPublished(eventServices(), event)),
);

export const onDeadLetter = onMessagePublished(
  { topic: expr`${topicPrefix}${topics.dead}`, retry: true, secrets: hashKeys, timeoutSeconds: 120 },
  outsideDomain((event) => onDeadLetterPublished(eventServices(), event)),
);

// One run at a time, each at most half the interval.
const SWEEP_MAX_MS = 450_000;
const sweepServices = servicesWith([]);
export const sweep = onSchedule(
  { schedule: 'every 15 minutes', timeoutSeconds: 540, concurrency: 1, maxInstances: 1 },
  () => sweepSenders(sweepServices(), SWEEP_MAX_MS),
);
