import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';

export const NAMESPACES = 'xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams"';
const HEADER = `<?xml version='1.0'?><stream:stream to="fcm.googleapis.com" version="1.0" ${NAMESPACES}>`;
const DEADLINE_MS = 5_000;

export function plain(user: string, password: string, authzid = ''): string {
  const response = Buffer.from(`${authzid}\0${user}\0${password}`).toString('base64');
  return `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${response}</auth>`;
}

export function message(json: unknown, id = ''): string {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<message id="${id}"><gcm xmlns="google:mobile:data">${escaped}</gcm></message>`;
}

/** A client without an XMPP library: text out, text in, over real TLS. */
export class WireClient {
  readonly socket: TLSSocket;
  received = '';
  closed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.received += text;
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static connect({ port, caPath }: { port: number; caPath: string }): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port, servername: 'fcm-xmpp.googleapis.com', ca: readFileSync(caPath) },
        () => resolve(new WireClient(socket)),
      );
      socket.once('error', reject);
    });
  }

  static async login(
    emulator: { port: number; caPath: string },
    user = '1234567890@fcm.googleapis.com',
    password = 'server-key',
  ): Promise<WireClient> {
    const client = await WireClient.connect(emulator);
    client.write(HEADER);
    await client.until('</stream:features>');
    client.write(plain(user, password));
    await client.until('<success');
    client.write(HEADER);
    await client.until('<bind');
    client.write(
      '<iq id="b" type="set"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>test</resource></bind></iq>',
    );
    const text = await client.until('</iq>');
    // on a busy machine upstream may arrive in the same read
    client.received = text.slice(text.indexOf('</iq>') + '</iq>'.length);
    return client;
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  send(json: unknown, id = ''): void {
    this.write(message(json, id));
  }

  /** Takes what was received, once `done` is true of it or contained in it. */
  async until(done: string | ((text: string) => boolean)): Promise<string> {
    const ready = typeof done === 'string' ? (text: string): boolean => text.includes(done) : done;
    const end = Date.now() + DEADLINE_MS;
    while (!ready(this.received)) {
      if (this.closed) throw new Error(`closed; received: ${this.received.slice(0, 2_000)}`);
      if (Date.now() > end)
        throw new Error(`not received in time: ${String(done)}; received: ${this.received.slice(0, 2_000)}`);
      await this.#changed();
    }
    return this.take();
  }

  async untilClosed(): Promise<string> {
    const end = Date.now() + DEADLINE_MS;
    while (!this.closed) {
      if (Date.now() > end) throw new Error(`not closed in time; received: ${this.received.slice(0, 2_000)}`);
      await this.#changed();
    }
    return this.take();
  }

  take(): string {
    const text = this.received;
    this.received = '';
    return text;
  }

  close(): void {
    this.socket.destroy();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 50);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The JSON of every frame in `text`, in order. */
export function frames(text: string): Record<string, unknown>[] {
  return [...text.matchAll(/<(?:data:)?gcm [^>]*>([^<]*)</g)].map(
    ([, json = '']) =>
      JSON.parse(json.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')) as Record<
        string,
        unknown
      >,
  );
}
