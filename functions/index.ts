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

/** The cloud functions. Here is only how they are served; what they do is in the files of their names. */
const senders = defineString('RELAY_SENDERS', {
  description: 'The sender ids that the relay serves, with commas between them',
});
const topicPrefix = defineString('RELAY_TOPIC_PREFIX', {
  default: '',
  description: 'Put before the name of every topic; may be empty',
});
const checkRevoked = defineString('RELAY_CHECK_REVOKED', {
  default: 'false',
  description: '"true": ask Firebase Auth at each call with an ID token whether the user was disabled or signed out',
});
const topics = topicNames(); // of no prefix: that is only known when the functions are deployed
const apiKeys = defineSecret('RELAY_API_KEYS');
const tokenHashKey = defineSecret('TOKEN_HASH_KEY');
const previousHashKey = defineSecret('TOKEN_HASH_KEY_PREVIOUS'); // `none` but during a rotation: a secret cannot be empty
const hashKeys = [tokenHashKey, previousHashKey];

/**
 * Made by a function's first call, from the parameters and the secrets that it names: each function is a process of its
 * own.
 */
const servicesWith = (secrets: readonly SecretParam[]): (() => Services) =>
  once(() => {
    const named = [senders, topicPrefix, checkRevoked, ...secrets];
    return openServices(readConfig(Object.fromEntries(named.map((param) => [param.name, param.value()]))));
  });

// One CPU serves 80 requests at once, most of which wait: for an RPC, or as a DELETE does. More instances mean more of
// everything
// that Firestore and Pub/Sub have to take; 100 of them are 8 000 requests under way.
setGlobalOptions({ region: 'us-central1', memory: '512MiB', cpu: 1, concurrency: 80, maxInstances: 100 });

refuseUnsignedTokens(process.env);
keepPlatformAway();
answerClientErrors();
if (process.env['FUNCTION_TARGET'] === 'api') withoutDomains();

// Public: who may call is decided by keys and ID tokens, not by Cloud Run. 60 s: a DELETE waits for some of them
// (relay/model/timing.ts).
const apiSecrets = [apiKeys, ...hashKeys];
export const api = onRequest(
  { secrets: apiSecrets, timeoutSeconds: 60, invoker: 'public' },
  outsideDomain(serve(servicesWith(apiSecrets))),
);

// `retry`: without it a failed event is dropped.
const eventServices = servicesWith(hashKeys);
export const onDownstreamRequest = onMessagePublished(
  { topic: expr`${topicPrefix}${topics.requests}`, retry: true, secrets: hashKeys, timeoutSeconds: 120 },
  outsideDomain((event) => onRequestPublished(eventServices(), event)),
);

export const onDeadLetter = onMessagePublished(
  { topic: expr`${topicPrefix}${topics.dead}`, retry: true, secrets: hashKeys, timeoutSeconds: 120 },
  outsideDomain((event) => onDeadLetterPublished(eventServices(), event)),
);

// One run at a time is enough: it may take half of what lies between two.
const SWEEP_MAX_MS = 450_000;
const sweepServices = servicesWith([]);
export const sweep = onSchedule(
  { schedule: 'every 15 minutes', timeoutSeconds: 540, concurrency: 1, maxInstances: 1 },
  () => sweepSenders(sweepServices(), SWEEP_MAX_MS),
);
