import type { TimedEvent } from '../../../../fcm-emulator/history/events.ts';
import { ruleSchema } from '../../../../fcm-emulator/faults/rules.ts';
import { BIND, HEADER, KEY, memoryServer, USER, type MemoryClient } from '../../support/memory-client.ts';
import { message, plain } from '../../support/wire-client.ts';

/** The reasons logged for a connection that writes these. */
function reasons(
  writes: readonly string[],
  prepare: (server: ReturnType<typeof memoryServer>) => void = () => undefined,
): string[] {
  const server = memoryServer({
    loginTimeoutMs: 5_000,
    overLimit: 'close',
    pendingLimit: 2,
    latencyMs: 1_000,
    connectionLimit: 1,
  });
  const events: TimedEvent[] = [];
  server.backend.events.listen((event) => void events.push(event));
  prepare(server);
  const client: MemoryClient = server.connect();
  for (const text of writes) client.write(text);
  server.clock.advance(5_100);
  return events.flatMap((event) => ('reason' in event ? [event.reason] : []));
}

const auth = (user: string, password: string): string => plain(user, password);
const LOGIN = [HEADER, auth(USER, KEY), HEADER, BIND];
const SASL = 'xmlns="urn:ietf:params:xml:ns:xmpp-sasl"';

test.each<[string, string[], string]>([
  ['an unknown sender', [HEADER, auth('42', KEY)], 'unknown sender 42; known: 1234567890'],
  ['a wrong key', [HEADER, auth(USER, 'wrong')], 'wrong server key for sender 1234567890'],
  [
    'another domain',
    [HEADER, auth('1234567890@example.com', KEY)],
    'the domain of the authcid is none of fcm.googleapis.com, gcm.googleapis.com',
  ],
  ['no initial response', [HEADER, `<auth ${SASL} mechanism="PLAIN"/>`], 'PLAIN without an initial response'],
  ['a response that is not base64', [HEADER, `<auth ${SASL} mechanism="PLAIN">***</auth>`], 'not base64'],
  ['too few parts', [HEADER, `<auth ${SASL} mechanism="PLAIN">YQBi</auth>`], 'has 2 parts'],
  ['no password', [HEADER, auth(USER, '')], 'no password'],
  [
    'another mechanism',
    [HEADER, `<auth ${SASL} mechanism="X-OAUTH2">YQ==</auth>`],
    'mechanism X-OAUTH2 is not supported, only PLAIN is',
  ],
  ['no login', [HEADER], 'connection-timeout: no login within 5000 ms'],
  ['a message before login', [HEADER, message({})], 'not-authorized: a message in state authenticating'],
  ['a second login', [...LOGIN, auth(USER, KEY)], 'not-authorized: <auth> in state bound'],
  ['HTTP', ['GET / HTTP/1.1'], 'invalid-xml: text outside a stanza'],
  ['another root', ['<html xmlns="a"/>'], 'invalid-namespace: the root is not <stream:stream>'],
  ['a comment', [...LOGIN, '<!-- a -->'], 'restricted-xml: a comment, a DOCTYPE'],
  ['a processing instruction', [...LOGIN, '<?php ?>'], 'restricted-xml: a processing instruction'],
  ['an entity', [...LOGIN, '<message>&eacute;</message>'], 'restricted-xml: entity &eacute;'],
  ['a bare &', [...LOGIN, '<message>a & b</message>'], 'invalid-xml: a bare &'],
  ['a mismatched end tag', [...LOGIN, '<message></iq>'], 'invalid-xml: unexpected end tag </iq>'],
  [
    'an undeclared prefix',
    [...LOGIN, '<message><data:gcm/></message>'],
    'bad-namespace-prefix: the prefix data is not declared',
  ],
  [
    'a long stanza',
    [...LOGIN, `<message>${'x'.repeat(70_000)}</message>`],
    'policy-violation: a stanza longer than 65536 characters',
  ],
  ['a deep stanza', [...LOGIN, '<a>'.repeat(40)], 'policy-violation: elements nested more than 32 deep'],
  ['an unknown stanza', [...LOGIN, '<r xmlns="urn:xmpp:sm:3"/>'], 'unsupported-stanza-type: <r> in urn:xmpp:sm:3'],
  [
    'too many messages',
    [...LOGIN, ...['a', 'b', 'c'].map((id) => message({ to: 'device-token', message_id: id }))],
    'policy-violation: more than 2 messages without an answer',
  ],
])('the reason for a refusal is logged: %s', (_name, writes, reason) => {
  expect(reasons(writes).at(-1)).toContain(reason);
});

test('so is a fault rule that refuses logins, and the connection limit', () => {
  expect(
    reasons(
      LOGIN,
      ({ backend, clock }) => void backend.faults.add(ruleSchema.parse({ fault: { kind: 'refuseAuth' } }), clock.now()),
    )[0],
  ).toBe('a rule refuses this login');
  expect(reasons(LOGIN, ({ login }) => void login())).toContain(
    "resource-constraint: this sender's connection limit is reached",
  );
});

test('the reason is logged even if the client hangs up at once', () => {
  expect(reasons([HEADER, `${auth(USER, 'wrong')}</stream:stream>`])).toEqual([
    'wrong server key for sender 1234567890',
    'authentication failed: not-authorized: wrong server key for sender 1234567890',
  ]);
});

test('no reason contains a server key, even one sent in place of the sender id', () => {
  const texts = [...reasons([HEADER, auth(KEY, USER)]), ...reasons([HEADER, auth(USER, 'another-key')])];
  expect(texts.join()).not.toMatch(/server-key|another-key/);
  expect(texts[0]).toContain('unknown sender (a server key)');
  const realKey = 'AAAAabcdefg:APA91b'.padEnd(152, 'x'); // another project's
  expect(reasons([HEADER, auth(realKey, '1234567890')])[0]).toContain('unknown sender (152 characters)');
});
