import { deviceSchema, type DeviceInput } from '../../fcm-emulator/devices/devices.ts';
import { ruleSchema, type RuleInput } from '../../fcm-emulator/faults/rules.ts';
import { upstreamSchema, type UpstreamInput } from '../../fcm-emulator/ccs/upstream-desk.ts';
import type { FcmEmulatorOptions } from '../../fcm-emulator/options.ts';
import { BIND, HEADER, KEY, memoryCcs, USER, type MemoryClient } from './memory-client.ts';
import { frames, plain } from './wire-client.ts';

/**
 * One row per sentence of protocol.md §1–§8 that says something of CCS: the section, the sentence, and what shows it.
 */
type Row = readonly [section: string, sentence: string, show: () => void];

const TOKEN = 'device-token-1';
const server = (options: FcmEmulatorOptions = {}) => {
  const { ccs, clock, connect, login } = memoryCcs(options);
  return {
    ccs,
    clock,
    connect,
    login,
    device: (token: string, spec: DeviceInput) => ccs.putDevice(token, deviceSchema.parse(spec)),
    rule: (rule: RuleInput) => ccs.faults.add(ruleSchema.parse(rule), clock.now()),
    upstream: (spec: Partial<UpstreamInput> = {}) =>
      ccs.upstreamDesk.submit(upstreamSchema.parse({ from: TOKEN, ...spec }), '1234567890'),
  };
};
const SESSION = '<iq id="s" type="set"><session xmlns="urn:ietf:params:xml:ns:xmpp-session"/></iq>';
let count = 0;
const to = (more: object = {}): Record<string, unknown> => ({ to: TOKEN, message_id: `m-${(count += 1)}`, ...more });
const answer = (json: object, options: FcmEmulatorOptions = {}): Record<string, unknown> =>
  server(options).login().ask(json);
const acked = (json: object): void => expect(answer(json)).toMatchObject({ message_type: 'ack' });
const nacked = (json: object, error = 'INVALID_JSON'): void =>
  expect(answer(json)).toMatchObject({ message_type: 'nack', error });
const ack = (messageId: string, from = TOKEN): object => ({ to: from, message_id: messageId, message_type: 'ack' });
const features = (client: MemoryClient, auth = plain(USER, KEY), header = HEADER): string => {
  client.write(header);
  client.write(auth);
  return client.write(header);
};
const topicServer = () => {
  const s = server();
  for (const [token, topics] of Object.entries({ 'token-a': ['A'], 'token-ab': ['A', 'B'], 'token-c': ['C'] }))
    s.device(token, { topics });
  return s;
};
const reached = (json: object): string[] => {
  const s = topicServer();
  expect(s.login().ask({ message_id: 'm', ...json })).toMatchObject({ message_type: 'ack' });
  return s.ccs.delivery.received().map(({ token }) => token);
};
const offline = (options: FcmEmulatorOptions = {}) => {
  const s = server(options);
  s.device(TOKEN, { online: false });
  return {
    ...s,
    client: s.login(),
    back: () => {
      s.device(TOKEN, { online: true });
      return s.ccs.delivery.received(TOKEN);
    },
  };
};

const CONNECTION: readonly Row[] = [
  [
    '§1',
    'the stream is for fcm.googleapis.com',
    () => expect(server().connect().write(HEADER)).toContain('<stream:stream from="fcm.googleapis.com" id="'),
  ],
  [
    '§1',
    'or for gcm.googleapis.com, of older clients',
    () => expect(server().connect().write(HEADER.replace('fcm', 'gcm'))).toContain('from="gcm.googleapis.com"'),
  ],
  [
    '§1',
    'X-OAUTH2, X-GOOGLE-TOKEN and PLAIN are offered, in this order',
    () =>
      expect(
        [
          ...server()
            .connect()
            .write(HEADER)
            .matchAll(/<mechanism>([^<]*)/g),
        ].map(([, name]) => name),
      ).toEqual(['X-OAUTH2', 'X-GOOGLE-TOKEN', 'PLAIN']),
  ],
  ...[USER, '1234567890@gcm.googleapis.com', '1234567890', '1234567890@FCM.GoogleAPIs.com'].flatMap((authcid) =>
    ['', authcid, USER].map((authzid): Row => [
      '§1',
      `authcid ${authcid} with authzid "${authzid}"`,
      () => expect(features(server().connect(), plain(authcid, KEY, authzid))).toContain('<bind'),
    ]),
  ),
  [
    '§1',
    'a bare sender id is bound in the domain of its stream',
    () => {
      const client = server().connect();
      features(client, plain('1234567890', KEY), HEADER.replace('fcm', 'gcm'));
      expect(client.write(BIND)).toContain('<jid>1234567890@gcm.googleapis.com/test');
    },
  ],
  [
    '§1',
    'which is fcm.googleapis.com where that is no domain of FCM',
    () => {
      const client = server().connect();
      features(client, plain('1234567890', KEY), HEADER.replace('fcm.googleapis.com', 'localhost'));
      expect(client.write(BIND)).toContain('<jid>1234567890@fcm.googleapis.com/test');
    },
  ],
  ...['12345678901', '1234567890@', '1234567890@example.com', `${USER}/resource`, `${USER}@fcm.googleapis.com`].map(
    (authcid): Row => [
      '§1',
      `no other authcid: ${authcid}`,
      () => expect(features(server().connect(), plain(authcid, KEY))).toBe(''),
    ],
  ),
  [
    '§1',
    'white space between stanzas, also before a header with an XML declaration',
    () => {
      const client = server().connect();
      client.write(`\n<?xml version="1.0"?>\n${HEADER}\n`);
      expect(client.write(`\n${plain(USER, KEY)}\r\n\t `)).toContain('<success');
      client.write(' \n');
      expect(client.write(`<?xml version='1.0'?>\n${HEADER}\n`)).toContain('<bind');
      expect(client.write(`\n ${BIND}\n`)).toContain('<jid>');
      expect(frames(client.send(to()))).toMatchObject([{ message_type: 'ack' }]);
    },
  ],
  [
    '§1',
    'but an XML declaration only before a header',
    () => {
      const twice = '<?xml version="1.0"?> <?xml version="1.0"?>';
      expect(
        server()
          .connect()
          .write(twice + HEADER),
      ).toContain('<restricted-xml');
      expect(server().login().write(' <?xml version="1.0"?>')).toContain('<restricted-xml');
    },
  ],
  [
    '§1',
    'auth failure: not-authorized, then, in a write of its own, the stream closes',
    () => {
      const { clock, connect } = server();
      const client = connect();
      client.write(HEADER);
      const failure = '<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>';
      expect([client.write(plain(USER, 'wrong')), client.ended]).toEqual([failure, false]);
      expect(client.write(plain(USER, KEY))).toBe(''); // one try
      clock.advance(100);
      expect([client.take(), client.ended]).toEqual(['</stream:stream>', true]);
    },
  ],
  [
    '§1',
    'after auth: bind and session only',
    () =>
      expect(features(server().connect())).toMatch(
        /<stream:features><bind xmlns="[^"]*"\/><session xmlns="[^"]*"\/><\/stream:features>$/,
      ),
  ],
  [
    '§1',
    'a resource gets 8 upper-case hex digits appended',
    () => {
      const client = server().connect();
      features(client);
      expect(client.write(BIND)).toMatch(/<jid>1234567890@fcm\.googleapis\.com\/test[0-9A-F]{8}<\/jid>/);
    },
  ],
  [
    '§1',
    'none asked: the server makes its own',
    () => {
      const client = server().connect();
      features(client);
      expect(client.write(BIND.replace('<resource>test</resource>', ''))).toMatch(/\/[0-9A-F]{8}<\/jid>/);
    },
  ],
  [
    '§1',
    'session iq: empty result',
    () =>
      expect(
        server().login().write('<iq id="s" type="set"><session xmlns="urn:ietf:params:xml:ns:xmpp-session"/></iq>'),
      ).toBe('<iq id="s" type="result"/>'),
  ],
  [
    '§1',
    'XEP-0199 ping: result',
    () =>
      expect(server().login().write('<iq id="p" type="get"><ping xmlns="urn:xmpp:ping"/></iq>')).toBe(
        '<iq id="p" type="result"/>',
      ),
  ],
  ...[
    '<session xmlns="urn:ietf:params:xml:ns:xmpp-session"/>',
    '<ping xmlns="urn:xmpp:ping"/>',
    '<query xmlns="jabber:iq:roster"/>',
  ].map((body): Row => [
    'RFC 6120 §8.1.2',
    `the answer comes from whom the request was for: ${body}`,
    () => {
      const ask = (to: string): string => server().login().write(`<iq id="p" type="set"${to}>${body}</iq>`);
      expect(ask(' to="fcm.googleapis.com"')).toMatch(/^<iq id="p" type="(result|error)" from="fcm\.googleapis\.com"/);
      expect(ask('')).toMatch(/^<iq id="p" type="(result|error)"\/?>/);
      expect(ask(' to="a&quot;&lt;b"')).toContain(' from="a&quot;&lt;b"');
    },
  ]),
  [
    'RFC 6120 §8.1.2',
    'a binding too',
    () => {
      const client = server().connect();
      features(client);
      const answered = client.write(BIND.replace('<iq ', '<iq to="fcm.googleapis.com" '));
      expect(answered).toMatch(/^<iq id="b" type="result" from="fcm\.googleapis\.com"><bind/);
    },
  ],
  [
    '§1',
    'the header has no XML declaration, its attributes in the captured order, an id of 16 upper-case hex',
    () =>
      expect(server().connect().write(HEADER)).toMatch(
        /^<stream:stream from="fcm\.googleapis\.com" id="[0-9A-F]{16}" version="1\.0" xmlns:stream="http:\/\/etherx\.jabber\.org\/streams" xmlns="jabber:client">/,
      ),
  ],
  [
    '§1',
    'a new id after each restart',
    () => {
      const client = server().connect();
      const id = (text: string): string | undefined => /id="([^"]*)"/.exec(text)?.[1];
      expect(id(client.write(HEADER))).not.toBe(id(features(client)));
    },
  ],
  [
    '§1',
    'CCS sends a single space now and then',
    () => {
      const s = server({ keepaliveMs: 1_000 });
      const client = s.login();
      s.clock.advance(2_000);
      expect(client.take()).toBe('  ');
    },
  ],
  ['§1', 'a space from the client is a keepalive', () => expect(server().login().write(' ')).toBe('')],
  [
    '§1',
    'silent death: no FIN, no event',
    () => {
      const s = server();
      const client = s.login();
      client.session.freeze();
      expect([client.send(to()), client.ended, client.reset, client.frozen]).toEqual(['', false, false, true]);
    },
  ],
  [
    '§1',
    'CCS may close with no draining notice',
    () => {
      const client = server().login();
      client.session.close('test');
      expect([client.take(), client.ended]).toEqual(['</stream:stream>', true]);
    },
  ],
  [
    '§1',
    'or reset the TCP connection',
    () => {
      const client = server().login();
      client.session.reset('test');
      expect([client.take(), client.reset]).toEqual(['', true]);
    },
  ],
  [
    '§1',
    'invalid-xml on bad XML, then the stream closes',
    () => {
      const { clock, login } = server();
      const client = login();
      const error = '<stream:error><invalid-xml xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>';
      expect(client.write('<message><a></message>')).toBe(error);
      expect(client.send(to())).toBe('');
      clock.advance(100);
      expect([client.take(), client.ended]).toEqual(['</stream:stream>', true]);
    },
  ],
  [
    '§1',
    'many connections per sender are allowed',
    () => {
      const s = server();
      for (let at = 0; at < 200; at += 1) s.login();
      expect(s.ccs.sessions()).toHaveLength(200);
    },
  ],
  [
    '§1',
    'up to a limit',
    () => {
      const s = server({ connectionLimit: 1 });
      s.login();
      const client = s.connect();
      features(client);
      expect(client.write(BIND)).toContain('resource-constraint');
    },
  ],
];

const STANZAS: readonly Row[] = [
  [
    '§2',
    'the element may carry a prefix',
    () =>
      expect(
        frames(
          server()
            .login()
            .write(`<message><x:gcm xmlns:x="google:mobile:data">${JSON.stringify(to())}</x:gcm></message>`),
        ),
      ).toMatchObject([{ message_type: 'ack' }]),
  ],
  ['§2', 'id="" is accepted and no `to` is needed', () => acked(to())],
  [
    '§2',
    'ack: no attributes, prefixed',
    () =>
      expect(server().login().send(to())).toMatch(
        /^<message><data:gcm xmlns:data="google:mobile:data">\{.*\}<\/data:gcm><\/message>$/,
      ),
  ],
  [
    '§2',
    'the bare form, as documented',
    () =>
      expect(server({ gcmForm: 'bare' }).login().send(to())).toMatch(
        /^<message><gcm xmlns="google:mobile:data">\{.*\}<\/gcm><\/message>$/,
      ),
  ],
  [
    '§2',
    'upstream: with attributes, not prefixed',
    () => {
      const s = server();
      const client = s.login();
      s.upstream();
      expect(client.take()).toMatch(
        /^<message to="1234567890@fcm\.googleapis\.com" from="devices@gcm\.googleapis\.com" type="normal"><gcm xmlns="google:mobile:data">/,
      );
    },
  ],
  [
    '§2',
    'stanza error: echoes id and payload',
    () =>
      expect(server().login().send({ random: 'text' }, '3')).toMatch(
        /^<message id="3" type="error" to="1234567890@fcm\.googleapis\.com\/test[0-9A-F]{8}"><gcm xmlns="google:mobile:data">\{"random":"text"\}<\/gcm><error code="400" type="modify"><bad-request xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"\/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id\\n<\/text><\/error><\/message>$/,
      ),
  ],
  [
    '§2',
    'sent when the payload cannot be parsed',
    () => expect(server().login().send('{"broken', '4')).toContain('type="error"'),
  ],
];

const FIELDS: readonly Row[] = [
  ['§3', 'to: a registration token', () => acked(to())],
  [
    '§3',
    'to: a group key reaches each of its devices',
    () => {
      const s = server();
      s.ccs.devices.putGroup('group-key', ['token-1', 'token-2']);
      s.login().send(to({ to: 'group-key' }));
      expect(s.ccs.delivery.received().map(({ token }) => token)).toEqual(['token-1', 'token-2']);
    },
  ],
  ['§3', 'to: one topic', () => expect(reached({ to: '/topics/A' })).toEqual(['token-a', 'token-ab'])],
  ['§3', 'exactly one of to and condition: both', () => nacked(to({ condition: "'A' in topics" }))],
  ['§3', 'exactly one of to and condition: neither', () => nacked({ message_id: 'm' })],
  [
    '§3',
    "condition: 'A' in topics && 'B' in topics",
    () => expect(reached({ condition: "'A' in topics && 'B' in topics" })).toEqual(['token-ab']),
  ],
  [
    '§3',
    'condition: ||',
    () => expect(reached({ condition: "'B' in topics || 'C' in topics" })).toEqual(['token-ab', 'token-c']),
  ],
  [
    '§3',
    'condition: parentheses',
    () => expect(reached({ condition: "'A' in topics && ('B' in topics || 'C' in topics)" })).toEqual(['token-ab']),
  ],
  [
    '§3',
    'condition: at most 2 operators',
    () => nacked({ message_id: 'm', condition: "'A' in topics || 'B' in topics || 'C' in topics || 'D' in topics" }),
  ],
  [
    'source table 1',
    'condition: case does not matter',
    () => expect(reached({ condition: "'b' IN Topics" })).toEqual(['token-ab']),
  ],
  ['§3', 'message_id: required', () => expect(server().login().send({ to: TOKEN })).toContain('type="error"')],
  [
    '§3',
    'message_id: unique per sender id, over its connections',
    () => {
      const s = server();
      const json = to();
      s.login().ask(json);
      expect(s.login().ask(json)).toMatchObject({ message_type: 'nack' });
    },
  ],
  [
    '§3',
    'collapse_key: only the last message of a key is kept',
    () => {
      const o = offline();
      for (const message_id of ['c1', 'c2', 'c3']) o.client.ask(to({ message_id, collapse_key: 'k' }));
      expect(o.back().map(({ messageId }) => messageId)).toEqual(['c3']);
    },
  ],
  ['§3', 'priority: normal or high', () => nacked(to({ priority: 'urgent' }))],
  [
    '§3',
    'priority: high with notification, normal for data',
    () => {
      const s = server();
      const client = s.login();
      client.ask(to({ notification: { title: 'a' } }));
      client.ask(to({ data: { a: 'b' } }));
      expect(s.ccs.delivery.received().map(({ priority }) => priority)).toEqual(['high', 'normal']);
    },
  ],
  [
    '§3',
    'booleans are booleans',
    () => {
      for (const field of ['content_available', 'mutable_content', 'dry_run', 'delivery_receipt_requested'])
        nacked(to({ [field]: 'true' }));
    },
  ],
  [
    '§3',
    'dry_run: answered, not delivered',
    () => {
      const s = server();
      expect(s.login().ask(to({ dry_run: true }))).toMatchObject({ message_type: 'ack' });
      expect(s.ccs.delivery.received()).toEqual([]);
    },
  ],
  [
    '§3',
    'time_to_live: 0 … 2 419 200',
    () => {
      for (const ttl of [0, 2_419_200]) acked(to({ time_to_live: ttl }));
      for (const ttl of [-1, 2_419_201, 1.5]) nacked(to({ time_to_live: ttl }));
    },
  ],
  ['§3', 'time_to_live: a numeric string is accepted', () => acked(to({ time_to_live: '600' }))],
  ['§3', 'data: an object', () => nacked(to({ data: 'text' }))],
  [
    '§3',
    'data: values are converted to strings',
    () => {
      const s = server();
      s.login().ask(to({ data: { n: 1, b: true, o: { a: [1] } } }));
      expect(s.ccs.delivery.received()).toMatchObject([{ data: { n: '1', b: 'true', o: '{"a":[1]}' } }]);
    },
  ],
  [
    '§3',
    'data: numbers keep their own text',
    () => {
      const s = server();
      s.login().write(
        '<message><gcm xmlns="google:mobile:data">{"to":"device-token-1","message_id":"m","time_to_live":60.0,"data":{"i":1234567890123456789,"o":[1.10,-0],"e":1e999}}</gcm></message>',
      );
      expect(s.ccs.delivery.received()).toMatchObject([
        { data: { i: '1234567890123456789', o: '[1.10,-0]', e: '1e999' } },
      ]);
    },
  ],
  [
    '§3',
    'data: reserved keys',
    () => {
      for (const key of ['from', 'gcm', 'message_type', 'google', 'google.x', 'gcm_y'])
        nacked(to({ data: { [key]: 'x' } }));
    },
  ],
  [
    '§3',
    "data: names of the table are allowed, FCM's own value wins",
    () => {
      const s = server();
      s.login().ask(to({ collapse_key: 'own', data: { collapse_key: 'theirs' } }));
      expect(s.ccs.delivery.received()).toMatchObject([{ data: { collapse_key: 'own' } }]);
    },
  ],
  [
    '§3',
    'notification: an object of texts',
    () => {
      nacked(to({ notification: 'x' }));
      nacked(to({ notification: { title: 1 } }));
      nacked(to({ notification: { color: 'red' } }));
    },
  ],
  [
    '§3',
    'payload ≤ 4096 bytes of keys and values',
    () => {
      acked(to({ data: { k: 'x'.repeat(4_095) } }));
      nacked(to({ data: { k: 'x'.repeat(4_096) } }));
      nacked(to({ data: { k: 'ż'.repeat(2_048) } }));
    },
  ],
  [
    '§3',
    '≤ 2048 for topics and conditions',
    () => {
      acked(to({ to: '/topics/a', data: { k: 'x'.repeat(2_047) } }));
      nacked(to({ to: '/topics/a', data: { k: 'x'.repeat(2_048) } }));
      nacked({ message_id: 'm', condition: "'A' in topics", data: { k: 'x'.repeat(2_048) } });
    },
  ],
  ['§3', 'no registration_ids', () => nacked({ message_id: 'm', registration_ids: [TOKEN] })],
  [
    '§3',
    '*_loc_args as an array, badge as a number',
    () => acked(to({ notification: { body_loc_args: ['a'], title_loc_args: '["a"]', badge: 1 } })),
  ],
];

const ANSWERS: readonly Row[] = [
  [
    '§4',
    'an ack names type, id and token',
    () =>
      expect(Object.entries(answer({ to: TOKEN, message_id: 'm' }))).toEqual([
        ['message_type', 'ack'],
        ['from', TOKEN],
        ['message_id', 'm'],
      ]),
  ],
  [
    '§4',
    'a nack adds error and description, which may be empty',
    () => {
      const s = server();
      s.device(TOKEN, { state: 'unregistered' });
      expect(Object.entries(s.login().ask({ to: TOKEN, message_id: 'm' }))).toEqual([
        ['message_type', 'nack'],
        ['from', TOKEN],
        ['message_id', 'm'],
        ['error', 'DEVICE_UNREGISTERED'],
        ['error_description', ''],
      ]);
    },
  ],
  [
    '§4',
    'an ack may carry the canonical token; the message goes there',
    () => {
      const s = server();
      s.device(TOKEN, { state: 'replaced', canonicalToken: 'new-token' });
      expect(s.login().ask(to())).toMatchObject({ message_type: 'ack', registration_id: 'new-token' });
      expect(s.ccs.delivery.received()).toMatchObject([{ token: 'new-token' }]);
    },
  ],
  [
    '§4',
    'BAD_REGISTRATION: malformed token',
    () => {
      for (const token of ['', 'short', 'with space', 'żółw-żółw']) nacked(to({ to: token }), 'BAD_REGISTRATION');
    },
  ],
  [
    '§4',
    'BAD_REGISTRATION: the known text',
    () =>
      expect(answer(to({ to: 'a b c d e' }))).toMatchObject({
        error_description: "Invalid token on 'to' field: a b c d e",
      }),
  ],
  [
    '§4',
    'unknown tokens may be refused',
    () => expect(answer(to(), { unknownTokens: 'refuse' })).toMatchObject({ error: 'BAD_REGISTRATION' }),
  ],
  [
    '§4',
    'SENDER_ID_MISMATCH: token of other senders',
    () => {
      const s = server();
      s.device(TOKEN, { senders: ['42'] });
      expect(s.login().ask(to())).toMatchObject({ error: 'SENDER_ID_MISMATCH' });
    },
  ],
  ['§4', 'BAD_ACK: our upstream ack was malformed', () => nacked({ message_type: 'ack', message_id: 'u' }, 'BAD_ACK')],
  [
    '§4',
    'SERVICE_UNAVAILABLE, INTERNAL_SERVER_ERROR and any other code by rule',
    () => {
      for (const error of ['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'NEW_CODE']) {
        const s = server();
        s.rule({ fault: { kind: 'nack', error } });
        expect(s.login().ask(to())).toMatchObject({ error });
      }
    },
  ],
  [
    '§4',
    'DEVICE_MESSAGE_RATE_EXCEEDED: the 241st in a minute',
    () => {
      const s = server({ rateLimits: true });
      const client = s.login();
      for (let at = 0; at < 240; at += 1) client.ask(to());
      expect(client.ask(to())).toMatchObject({
        error: 'DEVICE_MESSAGE_RATE_EXCEEDED',
        error_description: 'Downstream message rate exceeded for this registration id',
      });
      s.clock.advance(60_000);
      expect(client.ask(to())).toMatchObject({ message_type: 'ack' });
    },
  ],
  [
    '§4',
    'TOPICS_MESSAGE_RATE_EXCEEDED',
    () => {
      const s = server({ topicRatePerMinute: 1 });
      const client = s.login();
      client.ask(to({ to: '/topics/a' }));
      expect(client.ask(to({ to: '/topics/a' }))).toMatchObject({ error: 'TOPICS_MESSAGE_RATE_EXCEEDED' });
    },
  ],
  [
    '§4',
    'INVALID_APNS_CREDENTIAL and AUTHENTICATION_FAILED by device',
    () => {
      for (const error of ['INVALID_APNS_CREDENTIAL', 'AUTHENTICATION_FAILED']) {
        const s = server();
        s.device(TOKEN, { failure: { error } });
        expect(s.login().ask(to())).toMatchObject({ error });
      }
    },
  ],
  [
    '§4',
    'a repeated message id',
    () => {
      const client = server().login();
      const json = to();
      client.ask(json);
      expect(client.ask(json)).toMatchObject({
        error: 'INVALID_JSON',
        error_description: 'Message with the same id has been received before',
      });
    },
  ],
  [
    '§4',
    'an id that was nacked has not been received',
    () => {
      const s = server();
      s.rule({ fault: { kind: 'nack', error: 'SERVICE_UNAVAILABLE' }, times: 1 });
      const client = s.login();
      const json = to();
      client.ask(json);
      expect(client.ask(json)).toMatchObject({ message_type: 'ack' });
    },
  ],
];

const FLOW: readonly Row[] = [
  [
    '§5',
    'without an answer a message is pending',
    () => {
      const s = server({ latencyMs: 10 });
      const client = s.login();
      client.send(to());
      expect(client.session.counts.pending).toBe(1);
      s.clock.advance(10);
      client.take();
      expect(client.session.counts).toMatchObject({ pending: 0, highestPending: 1 });
    },
  ],
  [
    '§5',
    'past 100: ignored, and counted',
    () => {
      const s = server({ latencyMs: 10 });
      const client = s.login();
      for (let at = 0; at < 101; at += 1) client.send(to());
      s.clock.advance(10);
      expect(frames(client.take())).toHaveLength(101);
      expect(s.ccs.history.counters.pastPendingLimit).toBe(1);
    },
  ],
  [
    '§5',
    'past 100: nacked, as an option',
    () => {
      const s = server({ latencyMs: 10, overLimit: 'nack' });
      const client = s.login();
      for (let at = 0; at < 101; at += 1) client.send(to());
      s.clock.advance(20);
      expect(frames(client.take()).filter(({ message_type: type }) => type === 'nack')).toHaveLength(1);
    },
  ],
  [
    '§5',
    'past 100: closed, as an option',
    () => {
      const s = server({ latencyMs: 10, overLimit: 'close' });
      const client = s.login();
      for (let at = 0; at < 101; at += 1) client.send(to());
      s.clock.advance(100);
      expect(client.ended).toBe(true);
    },
  ],
  [
    '§5',
    'upstream acks are exempt',
    () => {
      const s = server({ latencyMs: 10, overLimit: 'close' });
      const client = s.login();
      for (let at = 0; at < 100; at += 1) client.send(to());
      s.upstream({ messageId: 'u' });
      client.take();
      client.send(ack('u'));
      expect([client.ended, s.ccs.upstream.counters.acked]).toEqual([false, 1]);
    },
  ],
  [
    '§5',
    'CCS stops sending upstream at 100 un-acked',
    () => {
      const s = server();
      const client = s.login();
      for (let at = 0; at < 101; at += 1) s.upstream({ messageId: `u-${at}` });
      expect(frames(client.take())).toHaveLength(100);
      expect(frames(client.send(ack('u-50')))).toMatchObject([{ message_id: 'u-100' }]);
    },
  ],
  [
    '§5',
    'what was pending on a lost connection is sent again on another, and known',
    () => {
      const s = server({ latencyMs: 10 });
      const json = to();
      const first = s.login();
      first.send(json);
      first.session.lost('test');
      const second = s.login();
      second.send(json);
      s.clock.advance(10);
      expect(frames(second.take())).toMatchObject([
        { error_description: 'Message with the same id has been received before' },
      ]);
      expect(s.ccs.delivery.received()).toHaveLength(1);
    },
  ],
];

const UPSTREAM: readonly Row[] = [
  [
    '§6',
    'upstream has from, category, message_id, data, time_to_live and no message_type',
    () => {
      const s = server();
      const client = s.login();
      s.upstream({ messageId: 'u', data: { a: 'b' } });
      expect(frames(client.take())).toEqual([
        { data: { a: 'b' }, time_to_live: 86_400, from: TOKEN, message_id: 'u', category: 'com.example.app' },
      ]);
    },
  ],
  [
    '§6',
    'an ack settles it',
    () => {
      const s = server();
      const client = s.login();
      s.upstream({ messageId: 'u' });
      client.take();
      expect(client.send(ack('u'))).toBe('');
      expect(s.ccs.upstream.list()).toMatchObject([{ state: 'acked', ackedOn: 'c1' }]);
    },
  ],
  [
    '§6',
    'never nacked: such an answer is a bad ack',
    () => {
      const s = server();
      const client = s.login();
      s.upstream({ messageId: 'u' });
      client.take();
      expect(frames(client.send({ ...ack('u'), message_type: 'nack' }))).toMatchObject([{ error: 'BAD_ACK' }]);
    },
  ],
  [
    '§6',
    'an ack counts only on the connection the message came in on',
    () => {
      const s = server();
      const [first, second] = [s.login(), s.login()];
      s.upstream({ messageId: 'u' });
      first.take();
      expect(second.send(ack('u'))).toMatch(/code="406".*Received acks for messages not sent over this connection/);
      expect(s.ccs.upstream.list()).toMatchObject([{ state: 'sent', foreignAcks: ['c2'] }]);
    },
  ],
  [
    '§6',
    'un-acked ones are sent again on the next new connection, not on one that is there',
    () => {
      const s = server();
      const [first, second] = [s.login(), s.login()];
      s.upstream({ messageId: 'u' });
      first.take();
      first.session.lost('test');
      expect(second.take()).toBe('');
      expect(frames(s.login().take())).toMatchObject([{ message_id: 'u' }]);
    },
  ],
  [
    '§6',
    'until they expire',
    () => {
      const s = server();
      const first = s.login();
      s.upstream({ messageId: 'u', timeToLive: 10 });
      first.take();
      first.session.lost('test');
      s.clock.advance(10_000);
      expect(s.login().take()).toBe('');
      expect(s.ccs.upstream.list()).toMatchObject([{ state: 'expired' }]);
    },
  ],
  [
    '§6',
    'what waits leaves a moment after the binding, never with its result',
    () => {
      const s = server({ upstreamDelayMs: 100 });
      s.upstream({ messageId: 'u' });
      const client = s.connect();
      features(client);
      expect(client.write(BIND)).toMatch(/<\/iq>$/);
      s.clock.advance(99);
      expect(client.take()).toBe('');
      s.clock.advance(1);
      expect(frames(client.take())).toMatchObject([{ message_id: 'u' }]);
      expect(client.write(SESSION)).toBe('<iq id="s" type="result"/>'); // asked for late: nothing waits any more
      s.upstream({ messageId: 'u-2' });
      expect(frames(client.take())).toMatchObject([{ message_id: 'u-2' }]);
    },
  ],
  [
    '§6',
    'nor with the result of the session that follows it, whatever comes in meanwhile',
    () => {
      const s = server({ upstreamDelayMs: 100 });
      const client = s.connect();
      features(client);
      client.write(BIND);
      s.upstream({ messageId: 'u' });
      s.clock.advance(99);
      expect(client.write(SESSION)).toBe('<iq id="s" type="result"/>');
      s.upstream({ messageId: 'u-2' });
      s.ccs.change({ upstreamWindow: 50 });
      s.clock.advance(99);
      expect(client.take()).toBe('');
      s.clock.advance(1);
      expect(frames(client.take())).toMatchObject([{ message_id: 'u' }, { message_id: 'u-2' }]);
    },
  ],
  [
    '§6',
    'lost before it has begun, it waits for the next new connection',
    () => {
      const s = server({ upstreamDelayMs: 100 });
      const first = s.login();
      s.clock.advance(100);
      s.upstream({ messageId: 'u' });
      first.take();
      first.session.lost('test');
      s.login().session.lost('test');
      s.clock.advance(1_000);
      const third = s.login();
      s.clock.advance(100);
      expect(frames(third.take())).toMatchObject([{ message_id: 'u' }]);
    },
  ],
  [
    '§6',
    'a receipt, as older documents have it, acked under its dr2: id',
    () => {
      const s = server({ receipts: true });
      const client = s.login();
      const [, receipt] = frames(client.send({ to: TOKEN, message_id: 'm', delivery_receipt_requested: true }));
      expect(receipt).toMatchObject({
        message_type: 'receipt',
        message_id: 'dr2:m',
        from: 'gcm.googleapis.com',
        data: {
          message_status: 'MESSAGE_SENT_TO_DEVICE',
          original_message_id: 'm',
          device_registration_id: TOKEN,
          message_sent_timestamp: expect.any(String),
        },
      });
      expect(client.send(ack('dr2:m', 'gcm.googleapis.com'))).toBe('');
      expect(s.ccs.upstream.counters.acked).toBe(1);
    },
  ],
  [
    '§6',
    'switched off by default',
    () =>
      expect(
        frames(
          server()
            .login()
            .send(to({ delivery_receipt_requested: true })),
        ),
      ).toHaveLength(1),
  ],
  [
    '§6',
    'a message_type nobody knows can be sent',
    () => {
      const s = server();
      const client = s.login();
      s.upstream({ extra: { message_type: 'news' } });
      expect(frames(client.take())).toMatchObject([{ message_type: 'news' }]);
    },
  ],
];

const CONTROL: readonly Row[] = [
  [
    '§7',
    'CONNECTION_DRAINING has no message_id',
    () => {
      const s = server();
      const client = s.login();
      s.ccs.drain(client.session);
      expect(frames(client.take())).toEqual([{ message_type: 'control', control_type: 'CONNECTION_DRAINING' }]);
    },
  ],
  [
    '§7',
    'nothing new may be sent on it',
    () => {
      const s = server();
      const client = s.login();
      s.ccs.drain(client.session);
      client.take();
      expect(client.ask(to())).toMatchObject({ error: 'CONNECTION_DRAINING' });
    },
  ],
  [
    '§7',
    'what is in the pipeline is still processed',
    () => {
      const s = server({ latencyMs: 10 });
      const client = s.login();
      client.send(to());
      s.ccs.drain(client.session);
      client.take();
      s.clock.advance(10);
      expect(frames(client.take())).toMatchObject([{ message_type: 'ack' }]);
    },
  ],
  [
    '§7',
    'it stays open, upstream is still delivered and acked on it',
    () => {
      const s = server();
      const client = s.login();
      s.ccs.drain(client.session);
      client.take();
      s.upstream({ messageId: 'u' });
      expect(frames(client.take())).toMatchObject([{ message_id: 'u' }]);
      client.send(ack('u'));
      expect(s.ccs.upstream.counters.acked).toBe(1);
    },
  ],
  [
    '§7',
    'CCS closes it',
    () => {
      const s = server();
      const client = s.login();
      s.ccs.drain(client.session, 5_000);
      s.clock.advance(4_999);
      expect(client.ended).toBe(false);
      s.clock.advance(1);
      expect([client.ended, client.take()]).toEqual([true, expect.stringMatching(/<\/stream:stream>$/)]);
    },
  ],
];

const LIMITS: readonly Row[] = [
  [
    '§8',
    '4 collapse keys per device',
    () => {
      const o = offline();
      for (let at = 0; at < 5; at += 1) o.client.ask(to({ collapse_key: `k${at}` }));
      expect(o.back().map(({ collapseKey }) => collapseKey)).toEqual(['k1', 'k2', 'k3', 'k4']);
    },
  ],
  [
    '§8',
    '100 stored per device',
    () => {
      const o = offline();
      for (let at = 0; at < 100; at += 1) o.client.ask(to());
      expect(o.back()).toHaveLength(100);
    },
  ],
  [
    '§8',
    'one more: all dropped and the device told',
    () => {
      const o = offline();
      for (let at = 0; at < 101; at += 1) o.client.ask(to());
      expect(o.back()).toMatchObject([{ kind: 'deletedMessages' }]);
    },
  ],
  [
    '§8',
    'time_to_live of a stored message',
    () => {
      const o = offline();
      o.client.ask(to({ time_to_live: 10 }));
      o.client.ask(to({ message_id: 'long' }));
      o.clock.advance(10_000);
      expect(o.back().map(({ messageId }) => messageId)).toEqual(['long']);
    },
  ],
  [
    '§8',
    'time_to_live 0: now or never',
    () => {
      const o = offline();
      o.client.ask(to({ time_to_live: 0 }));
      expect(o.back()).toEqual([]);
    },
  ],
  [
    '§8',
    '20 upstream messages queued on a device',
    () => {
      const o = offline();
      const states = Array.from({ length: 21 }, () => o.upstream().state);
      expect(states.filter((state) => state === 'held')).toHaveLength(20);
      expect(states.at(-1)).toBe('refused');
      o.client.take();
      o.back();
      expect(frames(o.client.take())).toHaveLength(20);
    },
  ],
  [
    '§8',
    '5 000 an hour to one device',
    () => {
      const s = server({ rateLimits: true });
      const client = s.login();
      for (let at = 0; at < 5_000; at += 1) {
        if (at % 240 === 0) s.clock.advance(60_000);
        client.ask(to());
      }
      s.clock.advance(60_000);
      expect(client.ask(to())).toMatchObject({ error: 'DEVICE_MESSAGE_RATE_EXCEEDED' });
    },
  ],
  [
    '§8',
    'collapsible burst: 20, one more each 3 minutes',
    () => {
      const s = server({ rateLimits: true });
      const client = s.login();
      for (let at = 0; at < 22; at += 1) client.ask(to({ collapse_key: 'k' }));
      expect(s.ccs.delivery.received()).toHaveLength(20);
      s.clock.advance(180_000);
      expect(s.ccs.delivery.received()).toHaveLength(21);
    },
  ],
];

test.each([...CONNECTION, ...STANZAS, ...FIELDS, ...ANSWERS, ...FLOW, ...UPSTREAM, ...CONTROL, ...LIMITS])(
  '%s %s',
  (_section, _sentence, show) => show(),
);
