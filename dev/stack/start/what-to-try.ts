import { LOCAL } from '../local-defaults.ts';
import type { Stack } from './stack.ts';
import { styled } from './terminal.ts';

/** What our command-line tools need in their environment to work on this stack. */
const settings = ({ emulators, topicPrefix }: Stack): string =>
  [
    `GOOGLE_CLOUD_PROJECT=${emulators.GOOGLE_CLOUD_PROJECT}`,
    `PUBSUB_EMULATOR_HOST=${emulators.PUBSUB_EMULATOR_HOST}`,
    `FIRESTORE_EMULATOR_HOST=${emulators.FIRESTORE_EMULATOR_HOST}`,
    ...(topicPrefix === '' ? [] : [`RELAY_TOPIC_PREFIX=${topicPrefix}`]),
  ].join(' ');

/** The addresses, the key, and four commands that work as they are printed. */
export function whatToTry(stack: Stack): string {
  const { apiUrl: api, worker, controlUrl, emulators, logs } = stack;
  const key = `-H 'Authorization: key=${LOCAL.apiKey}'`;
  const post = `curl -s -X POST '${api}/v1/messages' ${key} -H 'Content-Type: application/json'`;
  const rows = [
    ['API', api],
    ['key', LOCAL.apiKey],
    ['worker', `${worker}/readyz, ${worker}/metrics`],
    ...(controlUrl === undefined ? [] : [['FCM control', controlUrl]]),
    ['Auth', emulators.FIREBASE_AUTH_EMULATOR_HOST],
    ['logs', logs],
  ];
  const tries = [
    ['Send a message:', `${post} -d '{"message_id":"hello-1","to":"my-device","notification":{"title":"Hello"}}'`],
    ['Look up its state:', `curl -s '${api}/v1/messages/hello-1' ${key}`],
    ['See every error in a bad one:', `${post} -d '{"to":"my-device","time_to_live":-1,"data":{"from":"me"}}'`],
    ['List dead letters:', `${settings(stack)} npm run dead-letters -- list`],
  ];
  return [
    '',
    ...rows.map(([name = '', value = '']) => `${styled('dim', name.padEnd(12))} ${value}`),
    ...tries.flatMap(([what = '', command = '']) => ['', styled('dim', what), command]),
    '',
    styled('dim', 'Ctrl-C ends everything.'),
  ].join('\n');
}
