import { ack, logIn, SASL_FEATURES, STREAM, STREAM_END, SUCCESS, BIND_FEATURES } from './support/login-script.ts';
import { startScriptedServer } from './support/scripted-server.ts';
import type { ScriptedPeer, ScriptedServer } from './support/scripted-server.ts';
import { connectWitness } from './support/witness.ts';
import type { Witness, WitnessOptions } from './support/witness.ts';

/** The file's leak check fails if any of these leaves a socket or a timer. */
describe('leaving a connection', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScriptedServer();
  });
  afterEach(() => server.close());

  const PHASES: readonly [string, (peer: () => Promise<ScriptedPeer>, witness: Witness) => Promise<unknown>][] = [
    ['before anything', () => Promise.resolve()],
    ['during TLS', () => new Promise(setImmediate)],
    ['before the stream header', (peer) => peer()],
    [
      'after the stream header',
      async (peer) => {
        const far = await peer();
        await far.expect('>');
        far.say(STREAM);
        await settle();
      },
    ],
    [
      'during SASL',
      async (peer) => {
        const far = await peer();
        await far.expect('>');
        far.say(STREAM, SASL_FEATURES);
        await far.expect('</auth>');
      },
    ],
    [
      'after SASL',
      async (peer) => {
        const far = await peer();
        await far.expect('>');
        far.say(STREAM, SASL_FEATURES);
        await far.expect('</auth>');
        far.say(SUCCESS);
        await far.expect('<stream:stream');
      },
    ],
    [
      'during the binding',
      async (peer) => {
        const far = await peer();
        await far.expect('>');
        far.say(STREAM, BIND_FEATURES);
        await far.expect('</iq>');
      },
    ],
    [
      'when open',
      async (peer, witness) => {
        await logIn(await peer());
        await witness.opened;
        witness.connection.send('1', '{}');
      },
    ],
    [
      'when open, with a ping under way',
      async (peer, witness) => {
        await logIn(await peer());
        await witness.opened;
        void witness.connection.ping(60_000);
      },
    ],
    [
      'while closing',
      async (peer, witness) => {
        await logIn(await peer());
        await witness.opened;
        void witness.connection.close(60_000);
      },
    ],
  ];
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
  const closes = ({ calls }: Witness): string[] => calls.filter((call) => call.startsWith('closed'));

  test.each(PHASES)('destroy %s: closed once, by us', async (_name, reach) => {
    const witness = connectWitness(server.url);
    const peer = server.peer();
    await reach(() => peer, witness);
    witness.connection.destroy();
    expect(closes(witness)).toEqual([]); // not from within the call
    witness.connection.destroy();
    witness.connection.send('late', '{}');
    expect(await witness.closed).toMatchObject({ kind: 'closedByUs' });
    await witness.connection.close(1_000);
    await settle();
    expect(closes(witness)).toEqual(['closed closedByUs']);
  });

  test.each(PHASES.filter(([name]) => !name.includes('open') && name !== 'while closing'))(
    'close %s: closed at once, by us',
    async (_name, reach) => {
      const witness = connectWitness(server.url);
      const peer = server.peer();
      await reach(() => peer, witness);
      await witness.connection.close(60_000);
      expect(await witness.closed).toMatchObject({ kind: 'closedByUs' });
    },
  );

  async function open(options: WitnessOptions = {}): Promise<{ witness: Witness; peer: ScriptedPeer }> {
    const witness = connectWitness(server.url, options);
    const peer = await server.peer();
    await logIn(peer);
    await witness.opened;
    return { witness, peer };
  }

  test('close: what was sent leaves first, what still comes is reported, nothing more is sent', async () => {
    const { witness, peer } = await open();
    witness.connection.send('before', '{}');
    const closed = witness.connection.close(60_000);
    witness.connection.send('after', '{}');
    expect(await peer.expect(STREAM_END)).toMatch(/^<message id="before">.*<\/message><\/stream:stream>$/);
    peer.say('<iq type="get" id="p"><ping xmlns="urn:xmpp:ping"/></iq>', ack('before'));
    await witness.stanzasReach(1);
    await settle();
    peer.say(STREAM_END);
    await closed;
    expect(await witness.closed).toEqual({ kind: 'closedByUs', detail: 'the peer closed the stream' });
    await peer.ended();
    expect(peer.heard).toBe('');
    expect(closes(witness)).toEqual(['closed closedByUs']);
  });

  test('close: a peer that does not answer is left when the grace is over', async () => {
    const { witness } = await open();
    const closing = witness.connection.close(50);
    expect(witness.connection.close(60_000)).toBe(closing);
    await closing;
    expect(await witness.closed).toEqual({
      kind: 'closedByUs',
      detail: 'the peer did not close the stream within 50 ms',
    });
  });

  test('close: a connection that breaks meanwhile is closed by us all the same', async () => {
    const { witness, peer } = await open();
    const closing = witness.connection.close(60_000);
    server.cut(peer);
    await closing;
    expect(await witness.closed).toMatchObject({ kind: 'closedByUs' });
  });

  test('a peer that does not read, and so is not read, cannot hold the socket', async () => {
    const { witness, peer } = await open({ limits: { unreadBytes: 1_000 } });
    peer.socket.pause();
    for (let i = 0; i < 200; i++) witness.connection.send(`m-${i}`, JSON.stringify('x'.repeat(100_000)));
    await settle();
    witness.connection.destroy();
    expect(await witness.closed).toMatchObject({ kind: 'closedByUs' });
  });

  test('a peer that does not read cannot hold the socket after the end', async () => {
    const { witness, peer } = await open({ limits: { unreadBytes: Infinity } }); // so that its end is seen
    peer.socket.pause();
    for (let i = 0; i < 200; i++) witness.connection.send(`m-${i}`, JSON.stringify('x'.repeat(100_000)));
    peer.say(STREAM_END);
    expect(await witness.closed).toMatchObject({ kind: 'orderly' });
    // Whether the socket goes within its second of grace is the leak check's to say.
  });

  test('a listener may destroy the connection from within a frame: nothing of the same chunk follows', async () => {
    const { witness, peer } = await open({ onFrame: (connection) => connection.destroy() });
    peer.say(ack('1') + ack('2') + ack('3'));
    await witness.closed;
    await settle();
    expect(witness.calls.filter((call) => call !== 'heard')).toEqual(['open', 'frame', 'closed closedByUs']);
  });

  test('nor does anything follow when they came before the connection was open', async () => {
    const witness = connectWitness(server.url, { onFrame: (connection) => connection.destroy() });
    await logIn(await server.peer(), ack('1') + ack('2'));
    await witness.closed;
    expect(witness.calls.filter((call) => call !== 'heard')).toEqual(['open', 'frame', 'closed closedByUs']);
  });
});
