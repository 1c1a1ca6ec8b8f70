import { topicNames, topology, type TopicNames } from '../relay/adapters/pubsub/topology.ts';
import { parseApiKeys, type ApiKey } from '../relay/service/access/api-keys.ts';
import { BARE, isBare } from '../relay/model/bare-text.ts';
import { MIN_HASH_KEY_LENGTH, previousKey, type HashKeys } from '../relay/model/token-hash.ts';

/** The functions' parameters as text. A secret is present only in functions that name it. */
export type Parameters = Readonly<Partial<Record<Parameter, string>>>;
type Parameter =
  | 'RELAY_SENDERS'
  | 'RELAY_TOPIC_PREFIX'
  | 'RELAY_CHECK_REVOKED'
  | 'TOKEN_HASH_KEY'
  | 'TOKEN_HASH_KEY_PREVIOUS'
  | 'RELAY_API_KEYS';

export interface Config {
  readonly senders: readonly string[];
  readonly topics: TopicNames;
  /** `current` is empty in a function that names no secret: it hashes and signs nothing. */
  readonly hashKeys: HashKeys;
  readonly apiKeys: readonly ApiKey[];
  /** Whether to ask Firebase Auth on every call if the user is disabled or signed out. */
  readonly checkRevoked: boolean;
}

/** Names every mistake by its parameter. Never repeats the value of a secret. */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`invalid function parameters (${mistakes.length}): ${mistakes.join('; ')}`);
    this.mistakes = mistakes;
  }
}

/** @throws ConfigError */
export function readConfig(parameters: Parameters): Config {
  const { RELAY_SENDERS = '', RELAY_TOPIC_PREFIX = '', RELAY_CHECK_REVOKED = '' } = parameters;
  const { TOKEN_HASH_KEY, RELAY_API_KEYS = '[]' } = parameters;
  const mistakes: string[] = [];
  const senders = [
    ...new Set(
      RELAY_SENDERS.split(',')
        .map((sender) => sender.trim())
        .filter((sender) => sender !== ''),
    ),
  ];
  if (senders.length === 0) mistakes.push('RELAY_SENDERS must list at least one sender id');
  mistakes.push(...messageOf(() => topology(senders)), ...messageOf(() => topicNames(RELAY_TOPIC_PREFIX)));
  const previous = previousKey(parameters.TOKEN_HASH_KEY_PREVIOUS);
  for (const [name, key] of Object.entries({ TOKEN_HASH_KEY, TOKEN_HASH_KEY_PREVIOUS: previous })) {
    if (key === undefined) continue;
    if (!isBare(key)) mistakes.push(`${name} ${BARE}`);
    else if (key.length < MIN_HASH_KEY_LENGTH)
      mistakes.push(`${name} must be at least ${MIN_HASH_KEY_LENGTH} characters long`);
  }
  const checkRevoked = SWITCH.get(RELAY_CHECK_REVOKED);
  if (checkRevoked === undefined) mistakes.push('RELAY_CHECK_REVOKED must be "true" or "false"');
  const apiKeys = parseApiKeys(RELAY_API_KEYS);
  if (!apiKeys.ok) throw new ConfigError([...mistakes, ...apiKeys.mistakes]);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return {
    senders,
    topics: topicNames(RELAY_TOPIC_PREFIX),
    hashKeys: { current: TOKEN_HASH_KEY ?? '', previous },
    apiKeys: apiKeys.keys,
    checkRevoked: checkRevoked ?? false,
  };
}

const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['', false],
  ['false', false],
  ['true', true],
]);

/**
 * With FIREBASE_AUTH_EMULATOR_HOST the Admin SDK accepts unsigned tokens. On Cloud Run (K_SERVICE) that would let
 * anyone in. The Firebase CLI sets K_SERVICE too, but also FUNCTIONS_EMULATOR.
 * @throws ConfigError
 */
export function refuseUnsignedTokens(env: NodeJS.ProcessEnv): void {
  if (isSet(env['FIREBASE_AUTH_EMULATOR_HOST']) && isSet(env['K_SERVICE']) && env['FUNCTIONS_EMULATOR'] !== 'true') {
    throw new ConfigError([
      'FIREBASE_AUTH_EMULATOR_HOST must not be set in production: ID tokens would not be verified',
    ]);
  }
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/** The messages of what `check` throws, which describe the mistake. */
function messageOf(check: () => unknown): readonly string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
