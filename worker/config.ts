import * as z from 'zod';
import { parseCcsUrl } from '../relay/adapters/xmpp/ccs-url.ts';
import { BARE, isBare } from '../relay/model/bare-text.ts';
import { MIN_HASH_KEY_LENGTH, previousKey, type HashKeys } from '../relay/model/token-hash.ts';

/** The worker's environment, parsed (design §7). */
export interface WorkerConfig {
  readonly projectId: string;
  readonly senderId: string;
  readonly serverKey: string;
  readonly xmppUrl: string;
  readonly xmppDomain: string;
  readonly connections: number;
  readonly pendingLimit: number;
  /** Without data from CCS for this long, a connection is replaced and its pending messages are resent. Seconds. */
  readonly silenceLimitS: number;
  readonly topicPrefix: string;
  readonly hashKeys: HashKeys;
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
}

export const LOG_LEVELS = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names every mistake by its variable. Never repeats values: some are secret. */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`invalid worker environment (${mistakes.length}):\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.mistakes = mistakes;
  }
}

const text = z
  .string({ error: 'is required' })
  .min(1, 'must not be empty')
  .refine(isBare, { error: BARE, abort: true });
const hashKey = text.min(MIN_HASH_KEY_LENGTH, `must be at least ${MIN_HASH_KEY_LENGTH} characters long`);
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, `must be an integer from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be an integer from ${least} to ${most}`);

function isCcsUrl(url: string): boolean {
  try {
    parseCcsUrl(url);
    return true;
  } catch {
    return false;
  }
}

/** https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const PREFIX = /^(?:(?!goog)[A-Za-z][A-Za-z0-9\-._~+%]*)?$/;

const ENVIRONMENT = z.object({
  GOOGLE_CLOUD_PROJECT: text,
  FCM_SENDER_ID: text.regex(/^\d{1,20}$/, 'must be a sender id: digits only'),
  FCM_SERVER_KEY: text,
  FCM_XMPP_URL: text.refine(isCcsUrl, 'must be xmpps://host:port').default('xmpps://fcm-xmpp.googleapis.com:5235'),
  FCM_XMPP_DOMAIN: text.regex(/^\S*$/, 'must be a domain name').default('fcm.googleapis.com'),
  FCM_CONNECTIONS: whole(1, 1_000).default(1),
  FCM_PENDING_LIMIT: whole(1, 100).default(100), // protocol §5
  FCM_SILENCE_LIMIT: whole(3, 600).default(30),
  RELAY_TOPIC_PREFIX: z.string().regex(PREFIX, 'must be a valid start of a Pub/Sub name').default(''),
  TOKEN_HASH_KEY: hashKey,
  TOKEN_HASH_KEY_PREVIOUS: z.string().transform(previousKey).pipe(hashKey.optional()).optional(),
  HOST: text.default('127.0.0.1'),
  PORT: whole(0, 65_535).default(8_080),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

/** @throws ConfigError */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): WorkerConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
  const parsed = ENVIRONMENT.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`));
  }
  const env = parsed.data;
  return {
    projectId: env.GOOGLE_CLOUD_PROJECT,
    senderId: env.FCM_SENDER_ID,
    serverKey: env.FCM_SERVER_KEY,
    xmppUrl: env.FCM_XMPP_URL,
    xmppDomain: env.FCM_XMPP_DOMAIN,
    connections: env.FCM_CONNECTIONS,
    pendingLimit: env.FCM_PENDING_LIMIT,
    silenceLimitS: env.FCM_SILENCE_LIMIT,
    topicPrefix: env.RELAY_TOPIC_PREFIX,
    hashKeys: { current: env.TOKEN_HASH_KEY, previous: env.TOKEN_HASH_KEY_PREVIOUS },
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
  };
}
