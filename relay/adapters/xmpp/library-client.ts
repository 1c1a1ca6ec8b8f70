import { client, xml } from '@xmpp/client';
import type { Client, Element, Socket } from '@xmpp/client';
import type { CcsEndpoint } from './ccs-connection.ts';
import type { CcsSocket } from './ccs-socket.ts';
import { NS_BIND, NS_SASL } from './element-route.ts';
import { StreamParser } from './stream-parser.ts';
import type { StreamSink } from './stream-parser.ts';
import type { StreamLimits } from './stream-limits.ts';
import { StreamViolation } from './stream-violation.ts';

const NS_PING = 'urn:xmpp:ping';

export interface LibraryOptions {
  readonly endpoint: CcsEndpoint;
  readonly socket: CcsSocket;
  readonly limits: StreamLimits;
  readonly resource: string | undefined;
  /** How long the library itself waits for a stream header; our own limit is shorter. */
  readonly patienceMs: number;
}

export interface LibrarySink extends StreamSink {
  bound(): void;
  failed(error: unknown): void;
}

/**
 * @xmpp/client, which does the handshake, SASL, the binding and iq, on our socket and our parser. Both plug in where
 * its own transports (@xmpp/tls, @xmpp/tcp) put theirs, so nothing of the library is patched. Its `start()` leaves a
 * rejection unhandled when the login fails, so we take its two steps one by one, as its own reconnect does.
 */
export class LibraryClient {
  readonly #client: Client;
  readonly #endpoint: CcsEndpoint;
  readonly #sink: LibrarySink;
  #parser: StreamParser | undefined;

  constructor(options: LibraryOptions, sink: LibrarySink) {
    const { endpoint, resource, patienceMs } = options;
    this.#endpoint = endpoint;
    this.#sink = sink;
    this.#client = client({
      service: endpoint.url,
      domain: endpoint.domain,
      ...(resource !== undefined && { resource }),
      timeout: patienceMs,
      credentials: (authenticate) => authenticate(plainCredentials(endpoint), 'PLAIN'),
    });
    this.#client.reconnect.stop();
    this.#plugIn(options);
    this.#client.on('online', () => sink.bound());
    this.#client.on('error', (error) => sink.failed(error));
  }

  start(): void {
    const { url, domain } = this.#endpoint;
    const login = async (): Promise<void> => {
      await this.#client.connect(url);
      await this.#client.open({ domain });
    };
    login().catch((error: unknown) => this.#sink.failed(error));
  }

  /** Text from the peer. Throws a StreamViolation. */
  read(text: string): void {
    this.#parser?.write(text);
  }

  /** Hands the library an element of the stream. */
  take(element: Element): void {
    try {
      this.#parser?.emit('element', element);
    } catch {
      throw new StreamViolation('bad-format', 'the library cannot read an element'); // an invalid address, for one
    }
  }

  /** Hands it the features that are for us, without stream management, SASL 2, STARTTLS … */
  takeFeatures(features: Element): void {
    const mechanisms = features.getChild('mechanisms', NS_SASL);
    const bind = features.getChild('bind', NS_BIND);
    const plain = mechanisms?.getChildren('mechanism').some((mechanism) => mechanism.getText() === 'PLAIN') ?? false;
    if (!plain && (mechanisms !== undefined || bind === undefined)) {
      throw new StreamViolation('policy-violation', 'neither SASL PLAIN nor resource binding is offered');
    }
    const shown = new xml.Element(features.name, {});
    shown.parent = features.parent;
    shown.append(...[mechanisms, bind].filter((feature) => feature !== undefined));
    this.take(shown);
  }

  /**
   * Resolves when the peer answered with a result. Rejects with a StanzaError on an error, and when it did not answer.
   */
  async ping(timeoutMs: number): Promise<void> {
    const ping = xml('iq', { type: 'get', to: this.#endpoint.domain }, xml('ping', { xmlns: NS_PING }));
    await this.#client.iqCaller.request(ping, timeoutMs);
  }

  /** Ends whatever the library still waits for, and its timers with it. */
  abandon(): void {
    const over = new Error('the connection is over');
    this.#parser?.stop();
    this.#client.emit('error', over);
    for (const request of this.#client.iqCaller.handlers.values()) request.reject(over);
  }

  #plugIn({ endpoint, socket, limits }: LibraryOptions): void {
    const { transports } = this.#client;
    const tls = transports.find(({ prototype }) => prototype.socketParameters(endpoint.url) !== undefined);
    if (tls === undefined) throw new TypeError('@xmpp/client has no transport for xmpps://');
    const adopt = (parser: StreamParser): void => {
      this.#parser = parser;
      socket.listen();
    };
    const sink = this.#sink;
    const prototype = Object.assign(Object.create(tls.prototype) as typeof tls.prototype, {
      Socket: constructorOf(socket),
      // one for each stream: the library starts another after SASL (RFC 6120 §6.4.6)
      Parser: class extends StreamParser {
        constructor() {
          super(sink, limits);
          adopt(this);
        }
      },
    });
    transports.splice(0, transports.length, { prototype });
  }
}

/** `new` yields what the function returns, if that is an object. */
const constructorOf = (socket: CcsSocket): new () => Socket =>
  function () {
    return socket;
  } as unknown as new () => Socket;

/** RFC 4616 wants UTF-8, and the library encodes with `btoa`, which takes characters as bytes. */
const plainCredentials = ({ senderId, domain, serverKey }: CcsEndpoint): { username: string; password: string } => ({
  username: asBytes(`${senderId}@${domain}`),
  password: asBytes(serverKey),
});

const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
