import { ConfigError, readConfig } from '../../worker/config.ts';

const NEEDED = {
  GOOGLE_CLOUD_PROJECT: 'a-project',
  FCM_SENDER_ID: '1234567890',
  FCM_SERVER_KEY: 'a-secret-key',
  TOKEN_HASH_KEY: '0123456789abcdef',
};

function mistakes(environment: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
  }
  return [];
}

test('the four that are needed are enough', () => {
  expect(readConfig({ ...NEEDED, PATH: '/bin', LOG_LEVEL: undefined })).toEqual({
    projectId: 'a-project',
    senderId: '1234567890',
    serverKey: 'a-secret-key',
    hashKeys: { current: '0123456789abcdef', previous: undefined },
    xmppUrl: 'xmpps://fcm-xmpp.googleapis.com:5235',
    xmppDomain: 'fcm.googleapis.com',
    connections: 1,
    pendingLimit: 100,
    silenceLimitS: 30,
    topicPrefix: '',
    host: '127.0.0.1',
    port: 8_080,
    logLevel: 'info',
  });
});

test('every mistake is named at once, each with its variable, and no value is repeated', () => {
  const wrong = {
    FCM_SENDER_ID: 'my-sender',
    FCM_SERVER_KEY: '',
    FCM_XMPP_URL: 'http://x',
    FCM_PENDING_LIMIT: '101',
    FCM_CONNECTIONS: 'two',
    FCM_SILENCE_LIMIT: '1',
    TOKEN_HASH_KEY: 'short-secret',
    PORT: '70000',
    LOG_LEVEL: 'loud',
  };
  const found = mistakes(wrong);
  expect(found.map((line) => line.split(' ')[0])).toEqual([
    'GOOGLE_CLOUD_PROJECT',
    'FCM_SENDER_ID',
    'FCM_SERVER_KEY',
    'FCM_XMPP_URL',
    'FCM_CONNECTIONS',
    'FCM_PENDING_LIMIT',
    'FCM_SILENCE_LIMIT',
    'TOKEN_HASH_KEY',
    'PORT',
    'LOG_LEVEL',
  ]);
  for (const value of ['my-sender', 'short-secret', 'http://x', '70000']) expect(found.join('\n')).not.toContain(value);
});

test('a previous hash key, or none', () => {
  const previous = (given: string): unknown =>
    readConfig({ ...NEEDED, TOKEN_HASH_KEY_PREVIOUS: given }).hashKeys.previous;
  expect([previous('the key of before'), previous('none'), previous('')]).toEqual([
    'the key of before',
    undefined,
    undefined,
  ]);
  expect(mistakes({ ...NEEDED, TOKEN_HASH_KEY_PREVIOUS: 'short' })).toEqual([
    'TOKEN_HASH_KEY_PREVIOUS must be at least 16 characters long',
  ]);
});

test.each([
  ['GOOGLE_CLOUD_PROJECT', ' a-project'],
  ['FCM_SERVER_KEY', 'a-secret-key\n'],
  ['FCM_SERVER_KEY', 'a-secret\r\nkey'],
  ['FCM_SERVER_KEY', '\u00a0a-secret-key'],
  ['FCM_XMPP_URL', 'xmpps://ccs.example:5235 '],
  ['FCM_XMPP_DOMAIN', '\tfcm.googleapis.com'],
  ['FCM_XMPP_DOMAIN', 'fcm. googleapis.com'],
  ['TOKEN_HASH_KEY', '0123456789abcdef\n'],
  ['RELAY_TOPIC_PREFIX', 'test- '],
  ['RELAY_TOPIC_PREFIX', 'goog-'],
  ['HOST', '0.0.0.0 '],
  ['FCM_SENDER_ID', '1234567890\n'],
])('%s with white space or what has no place in it is a mistake: %j', (name, value) => {
  const found = mistakes({ ...NEEDED, [name]: value });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(new RegExp(`^${name} must (not have surrounding white space|be)`));
});

test.each(['0', '100'])('a pending limit of %s', (given) => {
  expect(mistakes({ ...NEEDED, FCM_PENDING_LIMIT: given })).toEqual(
    given === '0' ? ['FCM_PENDING_LIMIT must be an integer from 1 to 100'] : [],
  );
});

test('a silence limit in seconds', () => {
  expect(readConfig({ ...NEEDED, FCM_SILENCE_LIMIT: '5' }).silenceLimitS).toBe(5);
});
