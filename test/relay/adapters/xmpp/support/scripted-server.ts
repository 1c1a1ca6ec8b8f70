import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { makeCertificates } from '../../../../../fcm-emulator/certificate/certificate.ts';

const certificates = makeCertificates('127.0.0.1', Date.now());
export const { ca } = certificates;

/** The far end of one connection: what it says is a script, what it hears is text. */
export class ScriptedPeer {
  readonly socket: TLSSocket;
  heard = '';
  #waiting: (() => void)[] = [];

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    const wake = (): void => this.#waiting.splice(0).forEach((waiter) => waiter());
    socket.on('data', (text: string) => {
      this.heard += text;
      wake();
    });
    for (const event of ['end', 'error', 'close']) socket.on(event, wake);
  }

  /** Waits for this text, takes everything up to and with it, and returns what it took. */
  async expect(text: string): Promise<string> {
    for (;;) {
      const at = this.heard.indexOf(text);
      if (at >= 0) {
        const taken = this.heard.slice(0, at + text.length);
        this.heard = this.heard.slice(at + text.length);
        return taken;
      }
      if (this.socket.destroyed || this.socket.readableEnded)
        throw new Error(`ended while waiting for ${text}; heard: ${this.heard}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resolves when the other side has ended or gone. */
  async ended(): Promise<void> {
    while (!this.socket.destroyed && !this.socket.readableEnded)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  say(...parts: (string | Uint8Array)[]): void {
    this.socket.write(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
  }
}

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  /** The next peer to connect. */
  readonly peer: () => Promise<ScriptedPeer>;
  /** The peer's TCP connection, cut with a reset. */
  readonly cut: (peer: ScriptedPeer) => void;
  readonly close: () => Promise<void>;
}

/** A TLS server on loopback that does nothing by itself. */
export async function startScriptedServer(host = '127.0.0.1'): Promise<ScriptedServer> {
  const peers: ScriptedPeer[] = [];
  const waiting: ((peer: ScriptedPeer) => void)[] = [];
  const server = createServer({ cert: certificates.certificate, key: certificates.key }, (socket) => {
    const peer = new ScriptedPeer(socket);
    const waiter = waiting.shift();
    if (waiter === undefined) peers.push(peer);
    else waiter(peer);
  });
  const open = new Map<number | undefined, Socket>();
  server.on('connection', (socket: Socket) => {
    open.set(socket.remotePort, socket);
    socket.once('close', () => open.delete(socket.remotePort));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `xmpps://${host}:${port}`,
    port,
    peer: async () => peers.shift() ?? (await new Promise<ScriptedPeer>((resolve) => waiting.push(resolve))),
    cut: (peer) => open.get(peer.socket.remotePort)?.resetAndDestroy(),
    close: async () => {
      for (const socket of open.values()) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
