import { EventEmitter } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Socket } from '@xmpp/client';
import type { CcsAddress } from './ccs-url.ts';

export interface SocketOptions {
  readonly address: CcsAddress;
  readonly ca: string | readonly string[] | undefined;
  /** As in StreamLimits. */
  readonly unreadBytes: number;
}

export interface SocketSink {
  secured(): void;
  bytes(chunk: Buffer): void;
  /** The peer has ended its side. */
  ended(): void;
  failed(error: Error): void;
}

const FLUSH_LENGTH = 4_096; // characters: CCS starts on them while we continue (docs/experiments.md, 1)
const KEEPALIVE_MS = 60_000; // TCP's own, for middleboxes; the core pings to see whether the peer lives
const LINGER_MS = 1_000; // how long a peer that does not read may delay the end

/**
 * TLS from the first byte, with the certificate verified. What is written in one turn of the event loop leaves
 * together, in writes of FLUSH_LENGTH. To @xmpp/client it is a socket like its own: `connect` and `error` are for the
 * library, everything else goes to the sink.
 */
export class CcsSocket extends EventEmitter implements Socket {
  readonly secure = true;
  readonly #tls: () => TLSSocket;
  readonly #sink: SocketSink;
  readonly #unreadBytes: number;
  #socket: TLSSocket | undefined;
  #queued = '';
  #flushing: NodeJS.Immediate | undefined;
  #over = false;

  constructor({ address, ca, unreadBytes }: SocketOptions, sink: SocketSink) {
    super();
    this.#sink = sink;
    this.#unreadBytes = unreadBytes;
    this.#tls = () =>
      connect({
        ...address,
        ...(isIP(address.host) === 0 && { servername: address.host }),
        ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }),
        rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
      });
    this.on('error', () => undefined); // the library listens only while it wants something
  }

  connect(): void {
    if (this.#over) return;
    const socket = this.#tls();
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    socket.on('secureConnect', () => {
      this.#sink.secured();
      this.emit('connect');
    });
    socket.on('error', (error: Error) => this.#sink.failed(error));
    socket.on('end', () => this.#sink.ended());
    socket.on('close', () => this.#sink.ended());
    socket.on('drain', () => {
      if (socket.isPaused()) socket.resume();
    });
  }

  /** Starts to read. Until then, what the peer says waits in the socket. */
  listen(): void {
    const socket = this.#socket;
    if (socket?.listenerCount('data') === 0) socket.on('data', (chunk: Buffer) => this.#sink.bytes(chunk));
  }

  write(text: string, taken?: () => void): void {
    if (!this.#over) {
      this.#queued += text;
      if (this.#queued.length >= FLUSH_LENGTH) this.#flush();
      else this.#flushing ??= setImmediate(() => this.#flush());
    }
    // "taken", not "sent": the library listens for the answer only after this, so the answer must not be faster
    taken?.();
  }

  get bufferedBytes(): number {
    return this.#queued.length + (this.#socket?.writableLength ?? 0);
  }

  /** Writes this, then ends our side; the peer has LINGER_MS to read it. */
  leave(farewell: string): void {
    const socket = this.#socket;
    if (this.#over || socket === undefined) {
      this.destroy();
      return;
    }
    this.#queued += farewell;
    this.#flush();
    this.#over = true;
    const linger = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(linger));
    socket.resume(); // what still comes is dropped, but must not block the end
    socket.destroySoon();
  }

  end(): void {
    this.leave('');
  }

  destroy(): void {
    this.#over = true;
    this.#queued = '';
    clearImmediate(this.#flushing);
    this.#socket?.destroy();
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const text = this.#queued;
    this.#queued = '';
    const socket = this.#socket;
    if (text === '' || socket === undefined) return;
    socket.write(text);
    // A peer that does not read is not read either, or our acks and iq results would fill our memory. If it never reads
    // again, the core finds the connection silent and replaces it.
    if (socket.writableLength > this.#unreadBytes) socket.pause();
  }
}
