import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import type { Backend } from '../../backend.ts';
import type { StoredCertificates } from '../../certificate/certificate-store.ts';
import type { WireListener } from '../../history/wire-entry.ts';
import type { Ccs } from '../ccs.ts';
import { SocketLink } from './socket-link.ts';
import { logged, WireLog } from './wire-log.ts';

const HANDSHAKE_MS = 30_000;
const BACKLOG = 4_096; // thousands of clients may connect at once

export interface TlsServerOptions {
  readonly certificates: StoredCertificates;
  readonly wire: WireListener | undefined;
}

/** CCS's ports: TLS from the first byte (protocol §1), one session per socket. */
export class TlsServer {
  readonly #ccs: Ccs;
  readonly #backend: Backend;
  readonly #context: SecureContext;
  readonly #links = new Map<string, SocketLink>();
  readonly #sockets = new Set<Socket>();
  readonly #servers: Server[] = [];
  readonly #wire: WireListener | undefined;

  constructor(ccs: Ccs, backend: Backend, { certificates, wire }: TlsServerOptions) {
    this.#ccs = ccs;
    this.#backend = backend;
    this.#wire = wire;
    this.#context = createSecureContext({ cert: certificates.certificate, key: certificates.key });
  }

  /** Resolves to the port, for `port` 0 the one assigned. */
  listen(port: number, host: string): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host, backlog: BACKLOG }, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  link(connection: string): SocketLink | undefined {
    return this.#links.get(connection);
  }

  /** Stops listening and drops every connection. */
  async close(): Promise<void> {
    const closed = this.#servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          if (server.listening) server.close(() => resolve());
          else resolve();
        }),
    );
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #accept(tcp: Socket): void {
    const tls = new TLSSocket(tcp, { isServer: true, secureContext: this.#context });
    this.#sockets.add(tls).add(tcp);
    const handshake = setTimeout(() => tls.destroy(), HANDSHAKE_MS);
    tls.once('secure', () => {
      clearTimeout(handshake);
      this.#open(tls, tcp);
    });
    tls.on('error', () => tls.destroy()); // resets and failed handshakes are the client's affair
    tcp.on('error', () => tls.destroy());
    tcp.once('close', () => {
      clearTimeout(handshake);
      tls.destroy();
      this.#sockets.delete(tcp);
    });
    tls.once('close', () => this.#sockets.delete(tls));
  }

  #open(tls: TLSSocket, tcp: Socket): void {
    const link = new SocketLink(tls, tcp, {
      random: this.#backend.random(`chunks ${this.#ccs.sessions.counters.opened + 1}`),
      setting: () => this.#backend.settings.chunk,
    });
    const log = this.#wire === undefined ? undefined : new WireLog(this.#wire);
    const session = this.#ccs.open(log === undefined ? link : logged(link, log));
    if (log !== undefined) log.connection = session.id;
    this.#links.set(session.id, link);
    tls.on('data', (bytes: Buffer) => {
      log?.received(bytes);
      session.receive(bytes);
    });
    tls.once('end', () => session.lost('client closed the socket'));
    tls.once('close', () => {
      this.#links.delete(session.id);
      session.lost('socket lost');
    });
  }
}
