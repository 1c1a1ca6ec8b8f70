import { flag, UsageError, whole } from '../../../ops/cli/option.ts';
import type { Command, Values } from '../../../ops/cli/parse.ts';
import { LOCAL } from '../local-defaults.ts';

const OPTIONS = {
  quiet: flag('send no first message and print nothing to try'),
  'port-base': whole('N', 'use the ports N to N+11', {
    min: 0,
    defaultText: '8100, or the next block that is free',
  }),
};

export const COMMAND: Command<typeof OPTIONS> = {
  name: 'npm start --',
  about: `Runs FCM Relay on this machine: the Firebase emulators, the cloud functions, an FCM emulator, the worker. When
    everything is up it prints one line, "ready api=… pubsub=… firestore=… worker=… ccs=… key=…", and sends a first
    message.`,
  options: OPTIONS,
  tables: {
    Environment: [
      [
        'FCM_XMPP_URL',
        'connect to this server and start no FCM emulator; FCM_XMPP_DOMAIN and NODE_EXTRA_CA_CERTS apply as well',
      ],
      ['FCM_SENDER_ID', `the sender (default: ${LOCAL.senderId})`],
      ['FCM_SERVER_KEY', `its key (default: ${LOCAL.serverKey})`],
      ['RELAY_TOPIC_PREFIX', 'put before every topic and subscription'],
      ['FCM_CONNECTIONS', 'passed on to the worker, like FCM_PENDING_LIMIT and LOG_LEVEL'],
    ],
  },
  notes: `Ctrl-C ends everything. Logs are in .local/logs/start, one folder per run.`,
};

export interface StartOptions {
  readonly quiet: boolean;
  readonly portBase: number | undefined;
  readonly senderId: string;
  readonly serverKey: string;
  readonly topicPrefix: string;
  /** Of an XMPP server that is already running. */
  readonly fcmUrl: URL | undefined;
}

/** @throws UsageError on a bad value in the environment */
export const startOptions = (values: Values<typeof OPTIONS>, environment: NodeJS.ProcessEnv): StartOptions => ({
  quiet: values.quiet,
  portBase: values['port-base'],
  senderId: setting(environment, 'FCM_SENDER_ID') ?? LOCAL.senderId,
  serverKey: setting(environment, 'FCM_SERVER_KEY') ?? LOCAL.serverKey,
  topicPrefix: setting(environment, 'RELAY_TOPIC_PREFIX') ?? '',
  fcmUrl: xmppUrl(setting(environment, 'FCM_XMPP_URL')),
});

const setting = (environment: NodeJS.ProcessEnv, name: string): string | undefined =>
  environment[name] === '' ? undefined : environment[name];

function xmppUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== 'xmpps:' || url.host === '')
    throw new UsageError(`FCM_XMPP_URL must be xmpps://host:port, not "${text}"`);
  return url;
}
