import { BIND, HEADER, KEY, USER } from '../../support/memory-client.ts';
import { frames, plain } from '../../support/wire-client.ts';
import { features, server, to, type Row } from './row.ts';

const ROWS: readonly Row[] = [
  [
    '§1',
    'the stream is to fcm.googleapis.com',
    () => expect(server().connect().write(HEADER)).toContain('<stream:stream from="fcm.googleapis.com" id="'),
  ],
  [
    '§1',
    'or, from older clients, to gcm.googleapis.com',
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
    "or in fcm.googleapis.com if the stream's domain is not FCM's",
    () => {
      const client = server().connect();
      features(client, plain('1234567890', KEY), HEADER.replace('fcm.googleapis.com', 'localhost'));
      expect(client.write(BIND)).toContain('<jid>1234567890@fcm.googleapis.com/test');
    },
  ],
  ...['12345678901', '1234567890@', '1234567890@example.com', `${USER}/resource`, `${USER}@fcm.googleapis.com`].map(
    (authcid): Row => [
      '§1',
      `rejects any other authcid: ${authcid}`,
      () => expect(features(server().connect(), plain(authcid, KEY))).toBe(''),
    ],
  ),
  [
    '§1',
    'white space is allowed between stanzas, and before a header with an XML declaration',
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
    'an XML declaration is allowed only before a header',
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
    'auth failure: not-authorized; the stream closes in a write of its own',
    () => {
      const { clock, connect } = server();
      const client = connect();
      client.write(HEADER);
      const failure = '<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>';
      expect([client.write(plain(USER, 'wrong')), client.ended]).toEqual([failure, false]);
      expect(client.write(plain(USER, KEY))).toBe(''); // one attempt
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
    '8 upper-case hex digits are appended to the resource',
    () => {
      const client = server().connect();
      features(client);
      expect(client.write(BIND)).toMatch(/<jid>1234567890@fcm\.googleapis\.com\/test[0-9A-F]{8}<\/jid>/);
    },
  ],
  [
    '§1',
    'without a resource the server generates one',
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
    `the answer's from is the request's to: ${body}`,
    () => {
      const ask = (to: string): string => server().login().write(`<iq id="p" type="set"${to}>${body}</iq>`);
      expect(ask(' to="fcm.googleapis.com"')).toMatch(/^<iq id="p" type="(result|error)" from="fcm\.googleapis\.com"/);
      expect(ask('')).toMatch(/^<iq id="p" type="(result|error)"\/?>/);
      expect(ask(' to="a&quot;&lt;b"')).toContain(' from="a&quot;&lt;b"');
    },
  ]),
  [
    'RFC 6120 §8.1.2',
    'also for a bind',
    () => {
      const client = server().connect();
      features(client);
      const answered = client.write(BIND.replace('<iq ', '<iq to="fcm.googleapis.com" '));
      expect(answered).toMatch(/^<iq id="b" type="result" from="fcm\.googleapis\.com"><bind/);
    },
  ],
  [
    '§1',
    'the header has no XML declaration, attributes in the captured order, an id of 16 upper-case hex digits',
    () =>
      expect(server().connect().write(HEADER)).toMatch(
        new RegExp(
          '^<stream:stream from="fcm\\.googleapis\\.com" id="[0-9A-F]{16}" version="1\\.0" ' +
            'xmlns:stream="http://etherx\\.jabber\\.org/streams" xmlns="jabber:client">',
        ),
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
    'CCS sends a single space at intervals',
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
    'CCS may close without a draining notice',
    () => {
      const client = server().login();
      client.session.close('test');
      expect([client.take(), client.ended]).toEqual(['</stream:stream>', true]);
    },
  ],
  [
    '§1',
    'CCS may reset the TCP connection',
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
    'a sender may have many connections',
    () => {
      const s = server();
      for (let at = 0; at < 200; at += 1) s.login();
      expect(s.ccs.sessions.list()).toHaveLength(200);
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

test.each(ROWS)('%s %s', (_section, _sentence, show) => show());
