import fc from 'fast-check';
import { ack, BIND_FEATURES, SASL_FEATURES, STREAM, STREAM_END, SUCCESS, upstream } from './support/login-script.ts';
import { startScriptedServer } from './support/scripted-server.ts';
import type { ScriptedPeer, ScriptedServer } from './support/scripted-server.ts';
import { connectWitness } from './support/witness.ts';
import type { Witness } from './support/witness.ts';

/**
 * A whole session as a server says it, turn by turn: it waits for the text, then speaks. `ID` becomes the id of our
 * bind request. An unhandled rejection or an uncaught error anywhere fails the test that runs, a forgotten socket or
 * timer the file.
 */
const SESSION: readonly (readonly [after: string, say: string])[] = [
  ['<stream:stream', `<?xml version="1.0"?>${STREAM}${SASL_FEATURES}`],
  ['</auth>', SUCCESS],
  ['<stream:stream', STREAM + BIND_FEATURES],
  [
    '</iq>',
    `<iq type="result" id="ID"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>1@fcm.googleapis.com/A</jid></bind></iq>` +
      `<iq type="get" id="p" from="fcm.googleapis.com"><ping xmlns="urn:xmpp:ping"/></iq> ${ack('1')}${upstream('{"text":"日本👩‍👩‍👧‍👦&amp;"}')}` +
      '<message type="error" id="3"><gcm xmlns="google:mobile:data"><![CDATA[{}]]></gcm><error code="400"><bad-request xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>',
  ],
  ['id="p"', `<stream:error><invalid-xml xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>${STREAM_END}`],
];
const LENGTH = SESSION.reduce((sum, [, say]) => sum + Buffer.byteLength(say), 0);

interface Play {
  /** Says only so many bytes of the session, then ends the connection. */
  readonly until?: number;
  readonly mutate?: (say: Buffer, at: number) => Buffer;
}
const PATIENCE_MS = 100;

/** Plays the session, then ends the connection; so it does when the client says no more or has gone. */
async function play(peer: ScriptedPeer, { until = LENGTH, mutate = (say) => say }: Play): Promise<void> {
  const impatience = setTimeout(() => peer.socket.end(), PATIENCE_MS);
  try {
    for (let at = 0, turn = 0; turn < SESSION.length && at < until; turn++) {
      const [after, say] = SESSION[turn]!;
      const id = /\bid="([^"]*)"/.exec(await peer.expect(after))?.[1] ?? '';
      const bytes = Buffer.from(say.replace('ID', id));
      impatience.refresh();
      peer.socket.write(mutate(bytes.subarray(0, until - at), at));
      at += bytes.length;
    }
  } catch {
    // the client has gone: what it says of that is the test's question
  }
  clearTimeout(impatience);
  peer.socket.end();
}

function* batches<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

describe('whatever bytes come, the connection ends once, with a reason', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());

  async function survives(script: Play): Promise<Witness> {
    const witness = connectWitness(server.url);
    const playing = play(await server.peer(), script);
    await witness.closed;
    await playing;
    witness.connection.destroy();
    await new Promise(setImmediate);
    const closes = witness.calls.filter((call) => call.startsWith('closed'));
    expect(closes).toHaveLength(1);
    expect(witness.calls.at(-1)).toBe(closes[0]);
    return witness;
  }

  test('the session as it should be', async () => {
    const { calls, stanzas } = await survives({});
    expect(calls.filter((call) => call !== 'heard')).toEqual(['open', 'frame', 'frame', 'frame', 'closed streamError']);
    expect(stanzas[1]?.json).toBe('{"text":"日本👩‍👩‍👧‍👦&amp;"}');
  });

  test('cut off after each of its bytes', async () => {
    // Many at once: which of a batch's peers meets which of its clients does not matter.
    for (const batch of batches(
      Array.from({ length: LENGTH }, (_, cut) => cut),
      16,
    )) {
      await Promise.all(
        batch.map(async (until) => {
          const { calls } = await survives({ until });
          expect([until, 'closed reset', 'closed streamError']).toContain(calls.at(-1));
        }),
      );
    }
  }, 120_000);

  test('with bytes changed, lost, repeated or put in', async () => {
    const edit = fc.record({
      at: fc.nat({ max: LENGTH }),
      drop: fc.nat({ max: 20 }),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc
          .constantFrom(
            '<',
            '>',
            '&',
            '"',
            '/>',
            '</message>',
            '<!DOCTYPE x>',
            '<?x?>',
            '<!--',
            ']]>',
            '<![CDATA[',
            STREAM_END,
            STREAM,
            SASL_FEATURES,
            SUCCESS,
            BIND_FEATURES,
            '<stream:features xmlns:stream="http://etherx.jabber.org/streams"><sm xmlns="urn:xmpp:sm:3"/></stream:features>',
            '<iq/>',
            '<iq type="result"/>',
            '<iq type="set" from="" to="@"><a/></iq>',
            '<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl">%%</challenge>',
            '<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>',
            '<stream:error/>',
          )
          .map((text) => new TextEncoder().encode(text)),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const mutate = (say: Buffer, at: number): Buffer =>
          edits.reduce((bytes, { at: where, drop, put }) => {
            const offset = where - at;
            if (offset < 0 || offset > bytes.length) return bytes;
            return Buffer.concat([bytes.subarray(0, offset), put, bytes.subarray(offset + drop)]);
          }, say);
        await survives({ mutate });
      }),
      { numRuns: 300 },
    );
  }, 120_000);

  test('garbage from the first byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (garbage) => {
        await survives({ until: 1, mutate: () => Buffer.from(garbage) });
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
