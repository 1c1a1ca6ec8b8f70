import { connect, type TLSSocket } from 'node:tls';

const NAMESPACES = 'xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams"';
const HEADER = `<stream:stream to="fcm.googleapis.com" version="1.0" ${NAMESPACES}>`;
const RESPONSE = Buffer.from('\x001234567890@fcm.googleapis.com\0server-key').toString('base64');
const AUTH = `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${RESPONSE}</auth>`;
const BIND = '<iq id="b" type="set"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>';
const STEPS: readonly (readonly [wait: string, write: string])[] = [
  ['</stream:features>', AUTH],
  ['<success', HEADER],
  ['</stream:features>', BIND],
];
const END = '</message>';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly ca: Buffer;
}

/** The smallest client that can load the emulator: it parses no XML, it counts closing tags. */
export function login({ host, port, ca }: Endpoint): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, servername: 'localhost', ca }, () => socket.write(HEADER));
    let text = '';
    let step = 0;
    const read = (bytes: Buffer): void => {
      text += bytes.toString('latin1');
      const next = STEPS[step];
      if (next === undefined ? !text.includes('</jid>') : !text.includes(next[0])) return;
      text = '';
      step += 1;
      if (next !== undefined) return void socket.write(next[1]);
      socket.off('data', read);
      socket.off('error', reject);
      resolve(socket);
    };
    socket.on('data', read);
    socket.once('error', reject);
  });
}

/** Sends `count` messages, `window` of them pending at a time; resolves when the last is answered. */
export function send(
  socket: TLSSocket,
  count: number,
  { prefix, window }: { readonly prefix: string; readonly window: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    let rest = '';
    const fill = (): void => {
      let text = '';
      for (; sent < count && sent - answered < window; sent += 1) {
        const ids = `"to":"load-device-${sent % 10_000}","message_id":"${prefix}-${sent}"`;
        const json = `{${ids},"data":{"n":"${sent}","text":"hello"}}`;
        text += `<message id=""><gcm xmlns="google:mobile:data">${json}</gcm></message>`;
      }
      if (text !== '') socket.write(text);
    };
    const lost = (): void => reject(new Error(`closed after ${answered} answers`));
    const read = (bytes: Buffer): void => {
      const text = rest + bytes.toString('latin1');
      let at = 0;
      for (let found = text.indexOf(END); found >= 0; found = text.indexOf(END, at)) {
        answered += 1;
        at = found + END.length;
      }
      rest = text.slice(at);
      if (answered < count) return fill();
      socket.off('data', read).off('close', lost);
      resolve();
    };
    socket.on('data', read).once('close', lost);
    fill();
  });
}
