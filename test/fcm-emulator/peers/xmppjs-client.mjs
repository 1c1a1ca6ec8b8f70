// Drives npm's @xmpp/client as its README does, with none of our code in between. peers.ts describes stdin and stdout.
import { createInterface } from 'node:readline';
import { client as create, xml } from '@xmpp/client';

const [, , port, senderId, serverKey] = process.argv;
const say = (event, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
const client = create({
  service: `xmpps://localhost:${port}`,
  domain: 'fcm.googleapis.com',
  username: senderId,
  password: serverKey,
});
client.reconnect.stop();
const put = (id, payload) => client.send(xml('message', { id }, xml('gcm', { xmlns: 'google:mobile:data' }, payload)));

let online = false;
client.on('error', (error) => {
  if (!online) say('refused', { text: String(error) });
});
client.on('disconnect', () => online && say('disconnected'));
client.on('online', (jid) => {
  online = true;
  say('connected', { jid: jid.toString() });
});
client.on('stanza', (stanza) => {
  if (!stanza.is('message')) return;
  if (stanza.attrs.type === 'error') return say('stanzaError');
  const read = JSON.parse(stanza.getChildElements()[0].getText());
  if (read.message_type === 'control') return say('control', { type: read.control_type });
  if (read.message_type === 'ack' || read.message_type === 'nack')
    return say('answer', { id: read.message_id, type: read.message_type, error: read.error });
  say('upstream', { id: read.message_id, from: read.from, data: read.data });
  put('', JSON.stringify({ to: read.from, message_id: read.message_id, message_type: 'ack' }));
});
client.start().catch(() => undefined);

const ORDERS = {
  send: ([token, id]) => put(id, JSON.stringify({ to: token, message_id: id, data: { hello: 'wörld <&> 😀👩‍💻' } })),
  bad: () => put('bad', '{"random": "text"'),
  ping: async () => {
    const answer = await client.iqCaller.request(
      xml('iq', { type: 'get', to: 'fcm.googleapis.com' }, xml('ping', 'urn:xmpp:ping')),
    );
    say('pong', { from: answer.attrs.from });
  },
  close: () => client.stop(),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, ...rest] = line.split(' ');
  void ORDERS[verb](rest);
});
