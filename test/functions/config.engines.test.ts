import { routeOf } from '../../functions/http/server/route.ts';
import { ConfigError, readConfig, refuseUnsignedTokens, type Parameters } from '../../functions/config.ts';
import { startFunctions } from './functions-host.ts';

const good: Parameters = {
  RELAY_SENDERS: '1234567890, 42',
  RELAY_TOPIC_PREFIX: 'dev-',
  TOKEN_HASH_KEY: 'sixteen letters!',
  RELAY_API_KEYS: '[]',
};
const mistakesOf = (parameters: Parameters): readonly string[] => {
  try {
    readConfig(parameters);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.mistakes : [String(error)];
  }
};

describe('the parameters', () => {
  test('give senders, topic names and keys', () => {
    const config = readConfig(good);
    expect(config.senders).toEqual(['1234567890', '42']);
    expect(config.topics.lane('42', 'high')).toBe('dev-fcm-downstream-42-high');
  });

  test('a sender named twice is one', () => {
    expect(readConfig({ ...good, RELAY_SENDERS: '42,42,' }).senders).toEqual(['42']);
  });

  test('a function that names no secret has none', () => {
    expect(readConfig({ RELAY_SENDERS: '42', RELAY_TOPIC_PREFIX: '' })).toMatchObject({
      apiKeys: [],
      hashKeys: { current: '' },
    });
  });

  test('all mistakes are named at once, and no secret is repeated', () => {
    const mistakes = mistakesOf({
      RELAY_SENDERS: '',
      RELAY_TOPIC_PREFIX: 'goog-',
      TOKEN_HASH_KEY: 'short',
      RELAY_API_KEYS: '[{"name":"x","sha256":"5eC4e7","can":["send"]}]',
    });
    expect(mistakes).toEqual([
      'RELAY_SENDERS must list at least one sender id',
      expect.stringMatching(/^RELAY_TOPIC_PREFIX "goog-"/),
      'TOKEN_HASH_KEY must be at least 16 characters long',
      'RELAY_API_KEYS[0].sha256 must be 64 hex digits, or a list of such hashes',
    ]);
  });

  test.each([
    ['none', undefined],
    ['', undefined],
    ['the key of before', 'the key of before'],
  ])('a previous hash key of "%s" is %s', (given, previous) => {
    expect(readConfig({ ...good, TOKEN_HASH_KEY_PREVIOUS: given }).hashKeys).toEqual({
      current: 'sixteen letters!',
      previous,
    });
  });

  // `echo … | gcloud secrets versions add`: the worker refuses it, and whoever mends it there alone has two keys.
  test.each(['sixteen letters!\n', ' sixteen letters!', 'sixteen\u0000letters!'])(
    'a hash key that is not bare is named, as the worker does: %j',
    (key) => {
      const bare = 'must not have surrounding white space, or line breaks or other control characters';
      expect(mistakesOf({ ...good, TOKEN_HASH_KEY: key, TOKEN_HASH_KEY_PREVIOUS: key })).toEqual([
        `TOKEN_HASH_KEY ${bare}`,
        `TOKEN_HASH_KEY_PREVIOUS ${bare}`,
      ]);
    },
  );

  test('a previous hash key that is too short is named', () => {
    expect(mistakesOf({ ...good, TOKEN_HASH_KEY_PREVIOUS: 'short' })).toEqual([
      'TOKEN_HASH_KEY_PREVIOUS must be at least 16 characters long',
    ]);
  });

  test.each([
    ['true', true],
    ['false', false],
    ['', false],
    [undefined, false],
  ])('RELAY_CHECK_REVOKED %j: %j', (text, expected) => {
    expect(readConfig({ ...good, ...(text !== undefined && { RELAY_CHECK_REVOKED: text }) }).checkRevoked).toBe(
      expected,
    );
  });

  test.each(['yes', '1', 'TRUE', 'constructor'])('RELAY_CHECK_REVOKED %j is a mistake', (text) => {
    expect(mistakesOf({ ...good, RELAY_CHECK_REVOKED: text })).toEqual([
      'RELAY_CHECK_REVOKED must be "true" or "false"',
    ]);
  });

  test('a sender id that is none is named', () => {
    expect(mistakesOf({ ...good, RELAY_SENDERS: '42,my-project' })).toEqual([expect.stringContaining('"my-project"')]);
  });
});

describe('the Auth emulator, which takes tokens that nobody signed', () => {
  const emulated = { FIREBASE_AUTH_EMULATOR_HOST: '127.0.0.1:9099' };

  test.each<[string, NodeJS.ProcessEnv]>([
    ["on a machine of one's own", emulated],
    ['in the Firebase CLI, which sets K_SERVICE itself', { ...emulated, K_SERVICE: 'api', FUNCTIONS_EMULATOR: 'true' }],
    ['nowhere', { K_SERVICE: 'api' }],
    ['by an empty name', { K_SERVICE: 'api', FIREBASE_AUTH_EMULATOR_HOST: '' }],
  ])('may be used %s', (_, env) => {
    expect(() => refuseUnsignedTokens(env)).not.toThrow();
  });

  test.each<[NodeJS.ProcessEnv]>([
    [{ ...emulated, K_SERVICE: 'api' }],
    [{ ...emulated, K_SERVICE: 'api', FUNCTIONS_EMULATOR: 'false' }],
  ])('is refused in production: %j', (env) => {
    expect(() => refuseUnsignedTokens(env)).toThrow(ConfigError);
  });

  test('and there the functions do not start', async () => {
    const env = { ...emulated, K_SERVICE: 'api', FUNCTIONS_EMULATOR: '' };
    await expect(startFunctions({ senders: ['42'], topicPrefix: '', env })).rejects.toThrow(
      /FIREBASE_AUTH_EMULATOR_HOST must not be set in production/,
    );
  });
});

describe('a path', () => {
  test.each([
    ['/v1/messages', { route: '/v1/messages' }],
    ['/api/v1/messages?x=1', { route: '/v1/messages' }],
    ['/v1/messages/a%20b?sender_id=1', { route: '/v1/messages/{message_id}', messageId: 'a b' }],
    ['/v1/messages/a?b?c', { route: '/v1/messages/{message_id}', messageId: 'a' }],
  ])('%s leads somewhere', (url, routed) => {
    expect(routeOf(url)).toMatchObject(routed);
  });

  test.each([
    '',
    '/',
    '/v1/messages/',
    '/v1/messages/%',
    '/v1/messages/%ff',
    '/v1/messages/a/b',
    '/v1//messages',
    '/api/api/v1/messages',
  ])('%s leads nowhere', (url) => {
    expect(routeOf(url)).toBeUndefined();
  });
});
