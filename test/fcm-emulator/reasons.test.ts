import type { TimedEvent } from '../../fcm-emulator/devices/events.ts';
import { ruleSchema } from '../../fcm-emulator/faults/rules.ts';
import { BIND, HEADER, KEY, memoryCcs, USER, type MemoryClient } from './memory-client.ts';
import { message, plain } from './wire-client.ts';

/** What the log says of a connection that writes these. */
function reasons(
  writes: readonly string[],
  prepare: (server: ReturnType<typeof memoryCcs>) => void = () => undefined,
): string[] {
  const server = memoryCcs({
    loginTimeoutMs: 5_000,
    overLimit: 'close',
    pendingLimit: 2,
    latencyMs: 1_000,
    connectionLimit: 1,
  });
  const events: TimedEvent[] = [];
  server.ccs.events.listen((event) => void events.push(event));
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
  ['no response', [HEADER, `<auth ${SASL} mechanism="PLAIN"/>`], 'PLAIN without an initial response'],
  ['no base64', [HEADER, `<auth ${SASL} mechanism="PLAIN">***</auth>`], 'not base64'],
  ['too few parts', [HEADER, `<auth ${SASL} mechanism="PLAIN">YQBi</auth>`], 'has 2 parts'],
  ['no password', [HEADER, auth(USER, '')], 'no password'],
  [
    'another mechanism',
    [HEADER, `<auth ${SASL} mechanism="X-OAUTH2">YQ==</auth>`],
    'mechanism X-OAUTH2 is not played here',
  ],
  ['nothing', [HEADER], 'connection-timeout: no login within 5000 ms'],
  ['a message before login', [HEADER, message({})], 'not-authorized: a message in state authenticating'],
  ['a second login', [...LOGIN, auth(USER, KEY)], 'not-authorized: <auth> in state bound'],
  ['HTTP', ['GET / HTTP/1.1'], 'invalid-xml: text outside of a stanza'],
  ['another root', ['<html xmlns="a"/>'], 'invalid-namespace: the root is not <stream:stream>'],
  ['a comment', [...LOGIN, '<!-- a -->'], 'restricted-xml: a comment or DOCTYPE'],
  ['a processing instruction', [...LOGIN, '<?php ?>'], 'restricted-xml: a processing instruction'],
  ['an entity', [...LOGIN, '<message>&eacute;</message>'], 'restricted-xml: entity &eacute;'],
  ['a bare &', [...LOGIN, '<message>a & b</message>'], 'invalid-xml: a bare &'],
  ['a wrong end tag', [...LOGIN, '<message></iq>'], 'invalid-xml: </iq> closes nothing'],
  [
    'an undeclared prefix',
    [...LOGIN, '<message><data:gcm/></message>'],
    'bad-namespace-prefix: the prefix data is not declared',
  ],
  [
    'a long stanza',
    [...LOGIN, `<message>${'x'.repeat(70_000)}</message>`],
    'policy-violation: a stanza of more than 65536 characters',
  ],
  ['a deep stanza', [...LOGIN, '<a>'.repeat(40)], 'policy-violation: more than 32 elements deep'],
  ['an unknown stanza', [...LOGIN, '<r xmlns="urn:xmpp:sm:3"/>'], 'unsupported-stanza-type: <r> of urn:xmpp:sm:3'],
  [
    'too many messages',
    [...LOGIN, ...['a', 'b', 'c'].map((id) => message({ to: 'device-token', message_id: id }))],
    'policy-violation: more than 2 messages without an answer',
  ],
])('a refusal says why in the log: %s', (_name, writes, reason) => {
  expect(reasons(writes).at(-1)).toContain(reason);
});

test('a rule that refuses logins, and a limit of connections, are named too', () => {
  expect(
    reasons(
      LOGIN,
      ({ ccs, clock }) => void ccs.faults.add(ruleSchema.parse({ fault: { kind: 'refuseAuth' } }), clock.now()),
    )[0],
  ).toBe('a rule refuses this login');
  expect(reasons(LOGIN, ({ login }) => void login())).toContain(
    'resource-constraint: this sender has as many connections as it may have',
  );
});

test('a client that hangs up at once does not hide why it was refused', () => {
  expect(reasons([HEADER, `${auth(USER, 'wrong')}</stream:stream>`])).toEqual([
    'wrong server key for sender 1234567890',
    'authentication failed: not-authorized: wrong server key for sender 1234567890',
  ]);
});

test('no reason shows a server key, not even one that stands where the sender id should', () => {
  const texts = [...reasons([HEADER, auth(KEY, USER)]), ...reasons([HEADER, auth(USER, 'another-key')])];
  expect(texts.join()).not.toMatch(/server-key|another-key/);
  expect(texts[0]).toContain('unknown sender (a server key)');
  const realKey = 'AAAAabcdefg:APA91b'.padEnd(152, 'x'); // another project's, in the wrong place
  expect(reasons([HEADER, auth(realKey, '1234567890')])[0]).toContain('unknown sender (152 characters)');
});
