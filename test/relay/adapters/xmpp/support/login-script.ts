import type { ScriptedPeer } from './scripted-server.ts';

/** What CCS says while a client logs in (protocol §1), piece by piece. */
export const STREAM =
  '<stream:stream from="fcm.googleapis.com" id="8080B6B5EA31CB44" version="1.0" xmlns:stream="http://etherx.jabber.org/streams" xmlns="jabber:client">';
export const SASL_FEATURES =
  '<stream:features><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>X-OAUTH2</mechanism><mechanism>X-GOOGLE-TOKEN</mechanism><mechanism>PLAIN</mechanism></mechanisms></stream:features>';
export const SUCCESS = '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>';
export const BIND_FEATURES =
  '<stream:features><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/><session xmlns="urn:ietf:params:xml:ns:xmpp-session"/></stream:features>';
export const bound = (id: string): string =>
  `<iq type="result" id="${id}"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>1234567890@fcm.googleapis.com/relay0FAD177A</jid></bind></iq>`;

export const REFUSED = '<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure></stream:stream>';
export const STREAM_END = '</stream:stream>';

const idOf = (stanza: string): string => /\bid="([^"]*)"/.exec(stanza)?.[1] ?? '';

/** Returns what the client sent: its SASL request, and its bind request. */
export async function logIn(peer: ScriptedPeer, thenSay = ''): Promise<{ auth: string; bind: string }> {
  await peer.expect('<stream:stream');
  await peer.expect('>');
  peer.say(STREAM, SASL_FEATURES);
  const auth = await peer.expect('</auth>');
  peer.say(SUCCESS);
  await peer.expect('<stream:stream');
  await peer.expect('>');
  peer.say(STREAM, BIND_FEATURES);
  const bind = await peer.expect('</iq>');
  peer.say(bound(idOf(bind)) + thenSay);
  return { auth, bind };
}

/** An upstream message as CCS writes it, its JSON escaped as an XML text. */
export const upstream = (json: string): string =>
  `<message to="1234567890@fcm.googleapis.com" from="devices@gcm.googleapis.com" type="normal"><gcm xmlns="google:mobile:data">${escaped(json)}</gcm></message>`;

/** An ack as CCS writes it: bare message, prefixed gcm. */
export const ack = (messageId: string): string =>
  `<message><data:gcm xmlns:data="google:mobile:data">${escaped(JSON.stringify({ message_type: 'ack', message_id: messageId, from: 'token' }))}</data:gcm></message>`;

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
