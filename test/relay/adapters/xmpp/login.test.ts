import { ack, logIn, REFUSED, STREAM, SASL_FEATURES, upstream } from './support/login-script.ts';
import { startScriptedServer } from './support/scripted-server.ts';
import type { ScriptedServer } from './support/scripted-server.ts';
import { connectWitness, SERVER_KEY } from './support/witness.ts';

describe('logging in', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());

  test('logs in with SASL PLAIN as SENDER@domain and binds, then a message goes out and its ack comes in', async () => {
    const { connection, stanzas, stanzasReach, opened, closed, calls } = connectWitness(server.url, {
      resource: 'relay',
    });
    const peer = await server.peer();
    const { auth, bind } = await logIn(peer);
    await opened;
    const credentials = Buffer.from(/>([^<]*)<\/auth>/.exec(auth)?.[1] ?? '', 'base64').toString('utf8');
    expect(credentials.split('\0')).toEqual(['', '1234567890@fcm.googleapis.com', SERVER_KEY]);
    expect(bind).toContain('<resource>relay</resource>');

    connection.send('m-1', '{"to":"t","message_id":"m-1"}');
    expect(await peer.expect('</message>')).toBe(
      '<message id="m-1"><gcm xmlns="google:mobile:data">{"to":"t","message_id":"m-1"}</gcm></message>',
    );
    peer.say(ack('m-1'));
    await stanzasReach(1);
    expect(stanzas).toEqual([{ json: '{"message_type":"ack","message_id":"m-1","from":"token"}' }]);
    connection.destroy();
    expect(await closed).toMatchObject({ kind: 'closedByUs' });
    expect(calls.filter((call) => call !== 'heard')).toEqual(['open', 'frame', 'closed closedByUs']);
  });

  test('a message in the same chunk as the answer to our binding is reported after onOpen', async () => {
    const { connection, calls, stanzasReach, closed } = connectWitness(server.url);
    await logIn(await server.peer(), upstream('{"a":1}') + upstream('{"a":2}'));
    await stanzasReach(2);
    await new Promise(setImmediate);
    connection.destroy();
    await closed;
    expect(calls.filter((call) => call !== 'heard')).toEqual(['open', 'frame', 'frame', 'closed closedByUs']);
  });

  test('refused credentials are told apart, and the key is not repeated', async () => {
    const { closed, calls } = connectWitness(server.url);
    const peer = await server.peer();
    await peer.expect('>');
    peer.say(STREAM, SASL_FEATURES);
    await peer.expect('</auth>');
    peer.say(REFUSED);
    const reason = await closed;
    expect(reason).toEqual({ kind: 'refusedCredentials', detail: 'SASL: not-authorized' });
    expect(JSON.stringify(reason)).not.toContain(SERVER_KEY);
    expect(calls).toEqual(['closed refusedCredentials']);
    await peer.ended();
  });
});
