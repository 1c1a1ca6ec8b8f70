import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import type { Ccs } from '../ccs/ccs.ts';
import { random } from '../time/random.ts';
import type { StoredCertificates } from './certificate-store.ts';
import { SocketLink } from './socket-link.ts';
import { logged, WireLog, type WireListener } from './wire-log.ts';

const HANDSHAKE_MS = 30_000;
const BACKLOG = 4_096; // thousands of clients may come at once

export interface TlsServerOptions {
  readonly seed: string;
  readonly wire: WireListener | undefined;
}

/** The TLS ports of CCS: each socket gets a session; TLS from the first byte (protocol §1). */
export class TlsServer {
  readonly #ccs: Ccs;
  readonly #context: SecureContext;
  readonly #links = new Map<string, SocketLink>();
  readonly #sockets = new Set<Socket>();
  readonly #servers: Server[] = [];
  readonly #seed: string;
  readonly #wire: WireListener | undefined;

  constructor(ccs: Ccs, certificates: StoredCertificates, { seed, wire }: TlsServerOptions) {
    this.#ccs = ccs;
    this.#seed = seed;
    this.#wire = wire;
    this.#context = createSecureContext({ cert: certificates.certificate, key: certificates.key });
  }

  /** Resolves to the port in use. */
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

  /** Ends everything at once. */
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
    tls.on('error', () => tls.destroy()); // resets and bad handshakes are the client's business
    tcp.on('error', () => tls.destroy());
    tcp.once('close', () => {
      clearTimeout(handshake);
      tls.destroy();
      this.#sockets.delete(tcp);
    });
    tls.once('close', () => this.#sockets.delete(tls));
  }

  #open(tls: TLSSocket, tcp: Socket): void {
    const setting = (): { min: number; max: number } | null => this.#ccs.settings.chunk;
    const link = new SocketLink(tls, tcp, {
      random: random(this.#seed, `chunks ${this.#ccs.counters.opened + 1}`),
      setting,
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
