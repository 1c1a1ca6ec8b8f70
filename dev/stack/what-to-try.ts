import { DEVELOPMENT } from '../../ops/development.ts';
import { styled } from './terminal.ts';

export interface Addresses {
  readonly api: string;
  readonly worker: string;
  /** Remote control of our CCS emulator. */
  readonly controlUrl: string | undefined;
  readonly auth: string;
  /** What our command-line tools need to know, to work on this stack. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logs: string;
}

const settings = (environment: Addresses['environment']): string =>
  Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** The addresses, the key, and four commands that work as they stand here. */
export function whatToTry({ api, worker, controlUrl, auth, environment, logs }: Addresses): string {
  const key = `-H 'Authorization: key=${DEVELOPMENT.apiKey}'`;
  const post = `curl -s -X POST '${api}/v1/messages' ${key} -H 'Content-Type: application/json'`;
  const rows = [
    ['API', api],
    ['key', DEVELOPMENT.apiKey],
    ['worker', `${worker}/readyz, ${worker}/metrics`],
    ...(controlUrl === undefined ? [] : [['CCS control', controlUrl]]),
    ['Auth', auth],
    ['logs', logs],
  ];
  const tries = [
    ['Send a message:', `${post} -d '{"message_id":"hello-1","to":"my-device","notification":{"title":"Hello"}}'`],
    ['Where is it now?', `curl -s '${api}/v1/messages/hello-1' ${key}`],
    ['Everything that is wrong with one:', `${post} -d '{"to":"my-device","time_to_live":-1,"data":{"from":"me"}}'`],
    ['What could not be handled:', `${settings(environment)} npm run dead-letters -- list`],
  ];
  return [
    '',
    ...rows.map(([name = '', value = '']) => `${styled('dim', name.padEnd(12))} ${value}`),
    ...tries.flatMap(([what = '', command = '']) => ['', styled('dim', what), command]),
    '',
    styled('dim', 'Ctrl-C ends everything.'),
  ].join('\n');
}
