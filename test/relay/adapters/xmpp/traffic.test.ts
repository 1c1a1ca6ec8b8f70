import { ack, logIn, upstream } from './support/login-script.ts';
import { chunksOf } from './support/read-stream.ts';
import { startScriptedServer } from './support/scripted-server.ts';
import type { ScriptedPeer, ScriptedServer } from './support/scripted-server.ts';
import { connectWitness } from './support/witness.ts';
import type { Witness, WitnessOptions } from './support/witness.ts';

describe('traffic on an open connection', () => {
  let server: ScriptedServer;
  let witness: Witness;
  let peer: ScriptedPeer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());
  beforeEach(() => open());
  afterEach(async () => {
    witness.connection.destroy();
    await witness.closed;
  });

  async function open(options: WitnessOptions = {}): Promise<void> {
    witness = connectWitness(server.url, options);
    peer = await server.peer();
    await logIn(peer);
    await witness.opened;
  }

  test('10 000 messages in one write arrive all, in order', async () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `m-${i}`);
    peer.say(ids.map(ack).join(''));
    await witness.stanzasReach(ids.length);
    expect(witness.stanzas.map(({ json }) => (JSON.parse(json ?? '') as { message_id: string }).message_id)).toEqual(
      ids,
    );
  });

  test('chunks of 1 to 7 bytes, each on its own in TLS: text of every script is the same', async () => {
    const texts = ['Ελληνικά', 'עברית العربية', 'हिन्दी ไทย', '日本語 한국어', '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿', '<![CDATA[ & ]]>', '&amp;'].map(
      (text) => JSON.stringify({ text }),
    );
    const bytes = Buffer.from(texts.map(upstream).join(' '));
    for (const chunk of chunksOf(bytes, [1, 7, 3, 2, 5, 4, 6])) peer.socket.write(chunk);
    await witness.stanzasReach(texts.length);
    expect(witness.stanzas).toEqual(texts.map((json) => ({ type: 'normal', json })));
  });

  test('10 000 sends in one turn leave in order, and the buffer is counted and drains', async () => {
    for (let i = 0; i < 10_000; i++) witness.connection.send(`m-${i}`, `{"message_id":"m-${i}","data":{"k":"é<&>"}}`);
    expect(witness.connection.bufferedBytes).toBeGreaterThan(500_000);
    const heard = await peer.expect('"m-9999","data":{"k":"é&lt;&amp;&gt;"}}</gcm></message>');
    expect([...heard.matchAll(/<message id="m-(\d+)">/g)].map(([, id]) => Number(id))).toEqual(
      Array.from({ length: 10_000 }, (_, i) => i),
    );
    await new Promise(setImmediate);
    expect(witness.connection.bufferedBytes).toBe(0);
  });

  test('a peer that does not read its answers is not read either; when it has read them, it goes on, and nothing is lost', async () => {
    witness.connection.destroy();
    const [count, answer, unreadBytes] = [2_000, 'x'.repeat(10_000), 65_536];
    let most = 0;
    await open({
      limits: { unreadBytes },
      onFrame: (connection) => {
        connection.send('', answer);
        most = Math.max(most, connection.bufferedBytes);
      },
    });
    peer.socket.pause();
    for (let i = 0; i < count; i++) peer.say(upstream(answer));
    while (most < unreadBytes) await new Promise(setImmediate);
    await new Promise((resolve) => setTimeout(resolve, 300)); // in which all of it could come
    expect(witness.stanzas.length).toBeLessThan(count);
    peer.socket.resume();
    await witness.stanzasReach(count);
    for (let i = 0; i < count; i++) await peer.expect('</message>');
    expect(most).toBeLessThan(1_000_000);
  });

  test('sends of one turn share a write', async () => {
    const chunks: string[] = [];
    peer.socket.on('data', (chunk: string) => chunks.push(chunk));
    for (let i = 0; i < 50; i++) witness.connection.send(`m-${i}`, '{}');
    await peer.expect('id="m-49"');
    expect(chunks).toHaveLength(1);
  });

  test('white space from the peer counts as heard, and is no frame', async () => {
    const before = witness.calls.length;
    peer.say(' ');
    while (witness.calls.length === before) await new Promise(setImmediate);
    expect(witness.calls.slice(before)).toEqual(['heard']);
  });

  test('presence and messages without gcm do no harm', async () => {
    peer.say('<presence from="a@b"/><message><body>hello</body></message>', ack('1'));
    await witness.stanzasReach(2);
    expect(witness.stanzas[0]).toEqual({});
  });

  test('iq of the peer is answered: a ping by a result, all else by service-unavailable, a result not at all', async () => {
    peer.say('<iq type="result" id="r"/><iq type="get" id="p"><ping xmlns="urn:xmpp:ping"/></iq>');
    expect(await peer.expect('/>')).toMatch(/^<iq (?=.*id="p").*type="result"\/>$/);
    peer.say('<iq type="get" id="v"><query xmlns="jabber:iq:version"/></iq>');
    expect(await peer.expect('</iq>')).toMatch(/^<iq .*id="v".*<service-unavailable/);
    peer.say('<iq type="set" id="e"/>');
    expect(await peer.expect('</iq>')).toMatch(/^<iq .*id="e".*<bad-request/);
  });

  test('a ping is answered by a result or by an error', async () => {
    const first = witness.connection.ping(5_000);
    const id = /\bid="([^"]*)"/.exec(await peer.expect('</iq>'))?.[1] ?? '';
    peer.say(`<iq type="result" id="${id}"/>`);
    expect(await first).toBe('answered');
    const second = witness.connection.ping(5_000);
    const other = /\bid="([^"]*)"/.exec(await peer.expect('</iq>'))?.[1] ?? '';
    peer.say(
      `<iq type="error" id="${other}"><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`,
    );
    expect(await second).toBe('answered');
  });

  test('a ping that nobody answers times out, and a late or broken answer does no harm', async () => {
    const ping = witness.connection.ping(50);
    const id = /\bid="([^"]*)"/.exec(await peer.expect('</iq>'))?.[1] ?? '';
    expect(await ping).toBe('timedOut');
    const broken = witness.connection.ping(50);
    const other = /\bid="([^"]*)"/.exec(await peer.expect('</iq>'))?.[1] ?? '';
    peer.say(`<iq type="result" id="${id}"/><iq type="error" id="${other}"/>`, ack('1'));
    await witness.stanzasReach(1);
    expect(await broken).toBe('timedOut');
    expect(witness.calls.filter((call) => call.startsWith('closed'))).toEqual([]);
  });

  test('a ping ends with the connection, and none begins after it', async () => {
    const ping = witness.connection.ping(60_000);
    witness.connection.destroy();
    expect(await ping).toBe('closed');
    expect(await witness.connection.ping(60_000)).toBe('closed');
  });
});
