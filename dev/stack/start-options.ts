import { parseArgs } from 'node:util';
import { DEVELOPMENT } from '../../ops/development.ts';

export const HELP = `Runs FCM Relay on this machine: Firebase emulators with the cloud functions, a CCS emulator, the worker.
When all of it is up it prints one line, "ready api=… pubsub=… firestore=… worker=… ccs=… key=…", and sends a first message.

usage: npm start -- [options]

  --quiet          no first message and nothing to try
  --port-base N    the ports N to N+11            (default: 8100, or the next block that is free)
  --help           this text

environment:
  FCM_XMPP_URL, FCM_XMPP_DOMAIN    use this CCS and start no emulator of it; FCM_SENDER_ID, FCM_SERVER_KEY and
                                   NODE_EXTRA_CA_CERTS apply
  FCM_SENDER_ID, FCM_SERVER_KEY    (default: ${DEVELOPMENT.senderId}, ${DEVELOPMENT.serverKey})
  RELAY_TOPIC_PREFIX               put before every topic and subscription
  FCM_CONNECTIONS, FCM_PENDING_LIMIT, LOG_LEVEL    passed on to the worker

Ctrl-C ends everything. Logs are in .local/logs/start, one folder a run.`;

export interface StartOptions {
  readonly quiet: boolean;
  readonly portBase: number | undefined;
  readonly senderId: string;
  readonly serverKey: string;
  readonly topicPrefix: string;
  /** Of a CCS that runs already. */
  readonly ccsUrl: URL | undefined;
}

const OPTIONS = {
  quiet: { type: 'boolean', default: false },
  'port-base': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/**
 * `undefined` when only help is wanted. Throws a TypeError on an option that there is not, a RangeError on a bad value.
 */
export function startOptions(args: readonly string[], environment: NodeJS.ProcessEnv): StartOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return undefined;
  const base = values['port-base'];
  if (base !== undefined && !/^\d+$/.test(base))
    throw new RangeError(`--port-base must be a whole number, not "${base}"`);
  return {
    quiet: values.quiet,
    portBase: base === undefined ? undefined : Number(base),
    senderId: given(environment, 'FCM_SENDER_ID') ?? DEVELOPMENT.senderId,
    serverKey: given(environment, 'FCM_SERVER_KEY') ?? DEVELOPMENT.serverKey,
    topicPrefix: given(environment, 'RELAY_TOPIC_PREFIX') ?? '',
    ccsUrl: ccsUrl(given(environment, 'FCM_XMPP_URL')),
  };
}

const given = (environment: NodeJS.ProcessEnv, name: string): string | undefined =>
  environment[name] === '' ? undefined : environment[name];

function ccsUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== 'xmpps:' || url.host === '')
    throw new RangeError(`FCM_XMPP_URL must be xmpps://host:port, not "${text}"`);
  return url;
}
