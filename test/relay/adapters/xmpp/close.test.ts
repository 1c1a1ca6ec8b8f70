import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import {
  BIND_FEATURES,
  bound,
  logIn,
  SASL_FEATURES,
  STREAM,
  STREAM_END,
  SUCCESS,
  upstream,
} from './support/login-script.ts';
import { startScriptedServer } from './support/scripted-server.ts';
import type { ScriptedPeer, ScriptedServer } from './support/scripted-server.ts';
import { connectWitness, SERVER_KEY } from './support/witness.ts';
import type { Witness, WitnessOptions } from './support/witness.ts';

describe('why a connection ends', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());

  async function open(options: WitnessOptions = {}): Promise<{ witness: Witness; peer: ScriptedPeer }> {
    const witness = connectWitness(server.url, options);
    const peer = await server.peer();
    await logIn(peer);
    await witness.opened;
    return { witness, peer };
  }

  const NS_STREAMS = 'urn:ietf:params:xml:ns:xmpp-streams';
  const streamErrorOf = (inside: string): string => `<stream:error>${inside}</stream:error>`;
  const closes = ({ calls }: Witness): string[] => calls.filter((call) => call.startsWith('closed'));

  test('orderly: CCS closes the stream; we answer in kind', async () => {
    const { witness, peer } = await open();
    peer.say(upstream('{"last":1}'), STREAM_END);
    expect(await witness.closed).toEqual({ kind: 'orderly', detail: 'the peer closed the stream' });
    expect(witness.stanzas).toHaveLength(1);
    await peer.expect(STREAM_END);
    await peer.ended();
    expect(closes(witness)).toEqual(['closed orderly']);
  });

  test('what was sent before the peer closed the stream still leaves', async () => {
    const { witness, peer } = await open();
    witness.connection.send('last', '{}');
    peer.say(STREAM_END);
    await witness.closed;
    await peer.expect('id="last"');
  });

  test('streamError: the condition is told, and what the peer says about it, without our key and without tokens', async () => {
    const { witness, peer } = await open();
    const token = `c1-abcdefghij:APA91b${'x'.repeat(130)}`;
    const text = `Bad message to ${token}, key '${SERVER_KEY}'&#10;at line&#9;1.`;
    peer.say(
      streamErrorOf(`<invalid-xml xmlns="${NS_STREAMS}"/><text xmlns="${NS_STREAMS}">${text}</text>`),
      STREAM_END,
    );
    expect(await witness.closed).toEqual({
      kind: 'streamError',
      detail: `invalid-xml: "Bad message to …, key '…' at line 1."`,
    });
    await peer.expect(STREAM_END);
  });

  test('streamError: a text that comes first, in no namespace, without end and full of controls is told too, clipped', async () => {
    const { witness, peer } = await open();
    const text = '&#27;[31m red &#8238; \u{1f600} '.repeat(10_000);
    peer.say(streamErrorOf(`<text>${text}</text><policy-violation xmlns="${NS_STREAMS}"/>`));
    const { detail } = await witness.closed;
    expect(detail).toMatch(/^policy-violation: "\[31m red \u{1f600} \[31m red .*…"$/u);
    expect(detail).not.toMatch(/\p{C}/u);
    expect(detail.length).toBeLessThan(230);
  });

  test('streamError without a condition, or with one that cannot be', async () => {
    for (const inside of ['', '<X9_1/>']) {
      const { witness, peer } = await open();
      peer.say(`<stream:error>${inside}</stream:error>`);
      expect(await witness.closed).toEqual({ kind: 'streamError', detail: 'undefined-condition' });
    }
  });

  test('see-other-host is a stream error like any other: nobody goes there', async () => {
    const elsewhere = await startScriptedServer();
    let visitors = 0;
    void elsewhere.peer().then(() => visitors++);
    const { witness, peer } = await open();
    peer.say(
      `<stream:error><see-other-host xmlns="urn:ietf:params:xml:ns:xmpp-streams">127.0.0.1:${elsewhere.port}</see-other-host></stream:error>`,
      STREAM_END,
    );
    expect(await witness.closed).toEqual({ kind: 'streamError', detail: 'see-other-host' });
    await peer.ended();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(visitors).toBe(0);
    await elsewhere.close();
  });

  test('reset: the TCP connection breaks', async () => {
    const { witness, peer } = await open();
    server.cut(peer);
    expect(await witness.closed).toMatchObject({ kind: 'reset' });
    expect(closes(witness)).toEqual(['closed reset']);
  });

  test('reset: the TCP connection ends without </stream:stream>', async () => {
    const { witness, peer } = await open();
    peer.socket.end(upstream('{}').slice(0, 50));
    expect(await witness.closed).toMatchObject({ kind: 'reset' });
  });

  test.each([
    ['a DOCTYPE', '<!DOCTYPE x>', 'restricted-xml'],
    ['a comment', '<message><!-- --></message>', 'restricted-xml'],
    ['text', 'hello', 'not-well-formed'],
    ['a stanza beyond the limit', `<message>${'x'.repeat(2_000)}`, 'policy-violation'],
    ['bytes that are not UTF-8', Uint8Array.of(0x20, 0xff), 'bad-format'],
    ["an element of nobody's", '<name xmlns="constructor"/>', 'policy-violation'],
    ['a stanza of another namespace', '<message xmlns="urn:x"/>', 'policy-violation'],
    ['features after the binding', SASL_FEATURES, 'policy-violation'],
    ['an address that is none', '<iq type="get" id="1" from="@/"><ping xmlns="urn:xmpp:ping"/></iq>', 'bad-format'],
  ])('protocolViolation: %s; the peer is told', async (_name, bytes, condition) => {
    const { witness, peer } = await open({ limits: { stanzaLength: 1_000 } });
    peer.say(bytes);
    expect(await witness.closed).toMatchObject({ kind: 'protocolViolation' });
    await peer.expect(
      `<stream:error><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>`,
    );
    await peer.ended();
    expect(closes(witness)).toEqual(['closed protocolViolation']);
  });

  test.each<[string, (peer: ScriptedPeer) => Promise<void>]>([
    [
      'no SASL PLAIN',
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, SASL_FEATURES.replace('>PLAIN<', '>SCRAM-SHA-1<'));
      },
    ],
    [
      'features that offer nothing',
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, '<stream:features/>');
      },
    ],
    [
      'too many messages before the binding',
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, SASL_FEATURES, upstream('{}').repeat(1_001));
      },
    ],
    [
      'too many bytes before the binding, in few messages',
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, SASL_FEATURES, upstream(JSON.stringify('x'.repeat(900_000))).repeat(5));
      },
    ],
    [
      'too many bytes before the binding, in iq and white space',
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, `<iq type="result" id="${'x'.repeat(9_000)}"/>${' '.repeat(90_000)}`.repeat(50));
      },
    ],
    [
      'a binding without an address',
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, BIND_FEATURES);
        const bind = await peer.expect('</iq>');
        peer.say(`<iq type="result" id="${/\bid="([^"]*)"/.exec(bind)?.[1] ?? ''}"/>`);
      },
    ],
    [
      'HTTP',
      async (peer) => {
        await peer.expect('>');
        peer.say('HTTP/1.1 400 Bad Request\r\n\r\n');
      },
    ],
  ])('protocolViolation while logging in: %s', async (_name, script) => {
    const witness = connectWitness(server.url);
    await script(await server.peer());
    expect(await witness.closed).toMatchObject({ kind: 'protocolViolation' });
    expect(witness.calls).toEqual(['closed protocolViolation']);
  });

  test('a refused binding is a stream error with its condition', async () => {
    const witness = connectWitness(server.url);
    const peer = await server.peer();
    await peer.expect('>');
    peer.say(STREAM, BIND_FEATURES);
    const bind = await peer.expect('</iq>');
    peer.say(
      `<iq type="error" id="${/\bid="([^"]*)"/.exec(bind)?.[1] ?? ''}"><error type="wait"><resource-constraint xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">1000 already</text></error></iq>`,
    );
    expect(await witness.closed).toEqual({
      kind: 'streamError',
      detail: 'resource binding refused: resource-constraint: "1000 already"',
    });
  });

  test.each([
    ['not-authorized', 'refusedCredentials'],
    ['account-disabled', 'refusedCredentials'],
    ['credentials-expired', 'refusedCredentials'],
    ['constructor', 'refusedCredentials'],
    ['a-condition-of-tomorrow', 'refusedCredentials'],
    ['temporary-auth-failure', 'streamError'],
  ])('SASL failure %s → %s', async (condition, kind) => {
    const witness = connectWitness(server.url);
    const peer = await server.peer();
    await peer.expect('>');
    peer.say(STREAM, SASL_FEATURES);
    await peer.expect('</auth>');
    peer.say(
      `<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><${condition}/><text>not with ${SERVER_KEY}</text></failure>`,
    );
    expect(await witness.closed).toEqual({ kind, detail: `SASL: ${condition}: "not with …"` });
  });

  test('unreachable: nobody listens', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    await once(nobody, 'close');
    expect(await connectWitness(`xmpps://127.0.0.1:${port}`).closed).toEqual({
      kind: 'unreachable',
      detail: 'ECONNREFUSED',
    });
  });

  test('unreachable: a certificate that nobody vouches for', async () => {
    const witness = connectWitness(server.url, { ca: [] });
    expect(await witness.closed).toEqual({ kind: 'unreachable', detail: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    expect(witness.calls).toEqual(['closed unreachable']);
  });

  // Only Linux answers at 127.0.0.2, which the certificate does not name.
  (process.platform === 'linux' ? test : test.skip)('unreachable: a certificate for another host', async () => {
    const other = await startScriptedServer('127.0.0.2');
    expect(await connectWitness(other.url).closed).toEqual({
      kind: 'unreachable',
      detail: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    await other.close();
  });

  test('unreachable: a peer that does not speak TLS', async () => {
    const plain = createServer(
      (socket) =>
        void socket
          .on('error', () => undefined)
          .resume()
          .end('<stream:stream>'),
    ).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const { port } = plain.address() as AddressInfo;
    expect(await connectWitness(`xmpps://127.0.0.1:${port}`).closed).toMatchObject({ kind: 'unreachable' });
    plain.close();
    await once(plain, 'close');
  });

  test.each([
    ['xmpp://fcm-xmpp.googleapis.com:5235', /xmpps:/],
    ['wss://fcm-xmpp.googleapis.com', /xmpps:/],
    ['fcm-xmpp.googleapis.com', /cannot be read/],
    ['xmpps://', /host/],
    ['xmpps://user:secret@host:1', /own places/],
    ['xmpps://host:1/path', /after the port/],
  ])('an unusable URL is refused at once, before anything is connected: %s', (url, message) => {
    expect(() => connectWitness(url)).toThrow(message);
    expect(() => connectWitness(url)).not.toThrow(/secret/);
  });

  test('timeout: whichever answer the server keeps to itself', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const noTls = connectWitness(`xmpps://127.0.0.1:${port}`, { connectTimeoutMs: 100 });
    expect(await noTls.closed).toEqual({ kind: 'timeout', detail: 'no TLS connection within 100 ms' });
    silent.close();
    await once(silent, 'close');

    const scripts: ((peer: ScriptedPeer) => Promise<void>)[] = [
      () => Promise.resolve(),
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM);
      },
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, SASL_FEATURES);
      },
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, SASL_FEATURES);
        await peer.expect('</auth>');
        peer.say(SUCCESS);
      },
      async (peer) => {
        await peer.expect('>');
        peer.say(STREAM, BIND_FEATURES);
        await peer.expect('</iq>');
        peer.say(bound('another id'), '   ');
      },
    ];
    for (const script of scripts) {
      const witness = connectWitness(server.url, { handshakeTimeoutMs: 200 });
      await script(await server.peer());
      expect(await witness.closed).toEqual({ kind: 'timeout', detail: 'not logged in within 200 ms' });
      expect(witness.calls).toEqual(['closed timeout']);
    }
  });
});
